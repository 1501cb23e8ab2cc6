/* What a plugin ships beside itself. */
int fixture_private_answer(void);
int fixture_private_answer(void) { return 42; }
