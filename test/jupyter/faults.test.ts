import { expect, test } from "vitest";
import { lateFaults } from "../../src/jupyter/execute.js";

// As a kernel on a busy machine wrote it.
const start = `UnhandledPromiseRejection: Error: Socket is blocked by a bind or unbind operation
    at ZmqMessage.signAndSend (/x/node_modules/tslab/dist/jupyter.js:143:14)
    at ZmqServer.publishStatus (/x/node_modules/tslab/dist/jupyter.js:339:15)
    at ZmqServer.handleShellMessage (/x/node_modules/tslab/dist/jupyter.js:344:14) {
  errno: 16,
  code: 'EBUSY'
}
`;

// As zeromq says it of a heartbeat that comes while the kernel ends.
const end = `UnhandledPromiseRejection: Error: Socket is closed
    at /x/node_modules/tslab/dist/jupyter.js:510:33 {
  errno: 9,
  code: 'EBADF'
}
`;

test("the kernel's own start and end are no fault of the notebook; everything else is", () => {
	expect(lateFaults("")).toEqual([]);
	expect(lateFaults(start + start)).toEqual([]);
	expect(lateFaults(start + end)).toEqual([]);
	expect(lateFaults("UnhandledPromiseRejection: Error: Socket is closed\n    at mine")).toHaveLength(1);
	expect(lateFaults(`${start}UnhandledPromiseRejection: Error: boom\n    at <cell>\n${start}`)).toEqual([
		"UnhandledPromiseRejection: Error: boom\n    at <cell>",
	]);
	// A notebook that opens sockets of its own and floats the same error is still found out.
	expect(
		lateFaults("UnhandledPromiseRejection: Error: Socket is blocked by a bind or unbind operation\n    at mine"),
	).toHaveLength(1);
});
