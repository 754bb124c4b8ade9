@rem Lets the "exec node ..." scripts of package.json run on Windows: there npm uses cmd, which finds this file where sh has a built-in.
@rem With exec no shell stays between npm and the program, so a signal sent to npm reaches the program.
@%*
