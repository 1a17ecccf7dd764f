import { setPriority } from "node:os";

// Workers that compute, and what they start, stand back for the tests that watch a clock.
setPriority(5);
