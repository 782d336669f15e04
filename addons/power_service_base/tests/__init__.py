from . import test_supply_contract
