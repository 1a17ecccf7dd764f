"""In place of pandas: a table is its rows."""

DataFrame = list
