"""Keep watch: whose is a new upload?"""
