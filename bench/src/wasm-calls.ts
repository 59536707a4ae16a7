import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BenchCase } from "./report.ts";

/** V8 flag that disables the recompilation of calls from WebAssembly to JavaScript. */
const FLAG = "--wasm-wrapper-tiering-budget=2000000000";
const ROUNDS = 7;
/** Number of header fields in a response in addition to Node's own fields. */
const FIELDS = 12;

interface Times {
  readonly requestUs: number;
  readonly kernelUs: number;
}

const run = promisify(execFile);

async function measure(url: string, flags: readonly string[]): Promise<Times> {
  const program = fileURLToPath(new URL("wasm-calls-process.ts", import.meta.url));
  const { stdout } = await run(process.execPath, [...flags, "--disable-warning=ExperimentalWarning", program, url]);
  return JSON.parse(stdout) as Times;
}

/**
 * Measures the cost of the V8 flag that prevents a crash (nodejs/node#64500). "before" in the results is a run without
 * the flag.
 */
export const wasmCallsCase: BenchCase = {
  name: "wasm-calls",
  byName: true,
  async run() {
    const server = createServer((_request, response) => {
      for (let i = 0; i < FIELDS; i++) response.setHeader(`x-field-${i}`, `value ${i}`);
      response.end("ok");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const [ours, before]: [Times[], Times[]] = [[], []];
    try {
      for (let round = 0; round < ROUNDS; round++) {
        ours.push(await measure(url, [FLAG]));
        before.push(await measure(url, []));
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
    const figure = (what: string, key: keyof Times) => ({
      what,
      unit: "µs",
      better: "lower" as const,
      ours: ours.map((times) => times[key]),
      before: before.map((times) => times[key]),
      peer: [],
    });
    return {
      setting: `CPU time, with ${FLAG} and (before) without`,
      figures: [
        figure(`undici's response with ${FIELDS} fields`, "requestUs"),
        figure("kernels: checksum and compression of 64 KiB", "kernelUs"),
      ],
    };
  },
};
