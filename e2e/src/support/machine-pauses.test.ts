import { execFileSync, spawn } from "node:child_process";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";

const PROGRAM = `
import { MachinePauses } from ${JSON.stringify(new URL("machine-pauses.ts", import.meta.url).href)};
const pauses = new MachinePauses();
process.stdin.on("data", async () => {
  console.log(JSON.stringify(await pauses.all()));
  process.exit();
});
await pauses.all();
console.log("ready");
`;

test("a period in which no thread got a CPU is recorded", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", PROGRAM], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (text: Buffer) => void (output += text.toString()));
  await eventually("the program runs", async () => expect(output).toBe("ready\n"));
  child.kill("SIGSTOP");
  const from = Date.now();
  // Blocks this thread while a process runs for 200 ms.
  execFileSync(process.execPath, ["--eval", "setTimeout(() => {}, 200)"]);
  const until = Date.now();
  child.kill("SIGCONT");
  child.stdin.write("all\n");
  await eventually("it tells its pauses", async () => expect(output).toContain("]\n"));
  const pauses = JSON.parse(output.slice(output.indexOf("["))) as readonly { from: number; until: number }[];
  expect(pauses.some((one) => one.from <= from + 20 && one.until >= until)).toBe(true);
});
