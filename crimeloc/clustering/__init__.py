"""Where and when do events bunch?"""
