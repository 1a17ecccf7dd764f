// Loaded into the notebook kernel. Jupyter drops what a cell reports after its reply, as a floating rejection does, so
// late faults go to the kernel's own stderr too, where the one who executes the notebook reads them.
const { writeSync } = require("node:fs");
const { inspect } = require("node:util");

process.on("uncaughtException", (error) => writeSync(2, `UncaughtException: ${inspect(error)}\n`));
process.on("unhandledRejection", (reason) => writeSync(2, `UnhandledPromiseRejection: ${inspect(reason)}\n`));

// Whoever started the kernel may end without ending it (killed, or while the kernel was still starting): it ends by itself.
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(0), 1000).unref();
