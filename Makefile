# Each target is a script of the same name in scripts/.
.PHONY: help run stop reset shell test lint bench i18n
help:
	@echo 'make run    set up everything and open the product with a demo station'
	@echo 'make stop   stop the server and the database'
	@echo 'make reset  forget the demo database (the next make run makes a new one)'
	@echo 'make test   set up everything and run all tests'
	@echo 'make lint   check the style only'
	@echo 'make bench  measure the speeds'
	@echo 'make i18n   export the terms and merge them into the translations'
	@echo 'make shell  a Python prompt with the database open'

run stop reset shell test lint bench i18n:
	@scripts/$@
