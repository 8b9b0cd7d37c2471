// Runs the CDK CLI for many command lines in one process: loading it takes longer than most of what it is asked for.
//
//     node cdk.cjs FOLDER-OF-THE-PACKAGE < [["ls", "-a", "DIR"], …] > [{"code": 0, "stdout": "…", "stderr": "…"}, …]
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const { exec } = require(join(process.argv[2], "lib"));

async function run(args) {
  const said = { stdout: "", stderr: "" };
  const streams = ["stdout", "stderr"].map((name) => [name, process[name].write]);
  for (const [name] of streams) {
    process[name].write = (chunk, encoding, done) => {
      said[name] += chunk;
      (typeof encoding === "function" ? encoding : done)?.();
      return true;
    };
  }
  let code;
  process.exitCode = 0;
  try {
    code = (await exec(args)) ?? process.exitCode;
  } catch (error) {
    code = 1;
    said.stderr += error.message;
  } finally {
    for (const [name, write] of streams) process[name].write = write;
  }
  return { code, ...said };
}

(async () => {
  const ran = [];
  for (const args of JSON.parse(readFileSync(0, "utf8"))) ran.push(await run(args));
  process.exitCode = 0;
  process.stdout.write(JSON.stringify(ran));
})();
