"""SQL: tables, migrations and statements for SQLite and PostgreSQL."""
