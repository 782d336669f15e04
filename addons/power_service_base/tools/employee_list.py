from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command


class EmployeeList(fields.Many2many):
    """A list of employees, filled in by people without rights in human resources.

    Odoo lets them choose one employee, out of the directory that all who work here see;
    a list of them it refuses, because it asks for a right to the whole file of each.
    This one asks for the directory. Nobody gets to make or edit employees by it.
    """

    def write_real(self, records_commands_list, create=False):
        if records_commands_list:
            env = records_commands_list[0][0].env
            if not env.su and not env["hr.employee"].has_access("read"):
                self._check_chosen(records_commands_list)
                records_commands_list = [
                    # The employees who were added are in the directory.
                    (records.sudo(), commands)
                    for records, commands in records_commands_list
                ]
        return super().write_real(records_commands_list, create)

    def _check_chosen(self, records_commands_list):
        """Refuse whom the user doesn't see in the directory, and any other command than
        those that add people to the list or take them off."""
        chosen, listed = set(), set()
        for records, commands in records_commands_list:
            # Who is on the list already needn't be seen.
            listed.update(records.sudo()[self.name].ids if len(records) == 1 else ())
            for code, *values in commands:
                if code == Command.LINK:
                    chosen.add(values[0])
                elif code == Command.SET:
                    chosen.update(values[1])
                elif code not in (Command.UNLINK, Command.CLEAR):
                    raise AccessError(
                        records.env._("Employees are made and changed elsewhere.")
                    )
        people = records_commands_list[0][0].env["hr.employee.public"]
        people.browse(chosen - listed).check_access("read")
