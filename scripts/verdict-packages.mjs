// Installs what the verdict and its build need, of the same lock: the package's own dependencies, esbuild and stdlib. The
// notebook kernel, the compiler, the model runtimes and the test tools (nine tenths of the bytes) come with `make build`.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const place = ".tools/verdict";
const json = (path) => JSON.parse(readFileSync(path, "utf8"));
const { name, version, dependencies, devDependencies } = json("package.json");
const wanted = Object.fromEntries(
	Object.entries(devDependencies).filter(([dependency]) => /^(esbuild$|@stdlib\/)/.test(dependency)),
);
const root = { name, version, dependencies: { ...dependencies, ...wanted } };
const lock = json("package-lock.json");
lock.packages[""] = root;
mkdirSync(place, { recursive: true });
writeFileSync(join(place, "package.json"), JSON.stringify({ ...root, private: true }));
writeFileSync(join(place, "package-lock.json"), JSON.stringify(lock));
execFileSync("npm", ["ci", ...process.argv.slice(2)], { cwd: place, stdio: "inherit" });
rmSync("node_modules", { recursive: true, force: true });
renameSync(join(place, "node_modules"), "node_modules");
rmSync(place, { recursive: true });
