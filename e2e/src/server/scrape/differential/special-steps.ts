import { gzipSync } from "node:zlib";
import type { Random } from "../../../support/random.ts";
import type { Fault, Step } from "./episode.ts";
import type { JobSettings } from "./job-settings.ts";

type Change = (random: Random, step: Step, settings: JobSettings) => Partial<Step>;

const status =
  (...lines: readonly string[]): Change =>
  (random) => ({ statusLine: random.pick(lines) });

const fault =
  (which: Fault): Change =>
  () => ({ fault: which, close: true, framing: which === "longer" ? "length" : "length" });

const withHeader = ({ headers }: Step, name: string, value: string): Step["headers"] => [
  ...headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase()),
  [name, value],
];

const packed = (step: Step, body: Uint8Array): Partial<Step> => ({
  body,
  headers: withHeader(step, "Content-Encoding", "gzip"),
});

const plainBytes = (step: Step): Uint8Array => gzipSync(step.text === "" ? "x 1\n" : step.text);

/** Unusual changes of a target's response, with their weights. */
const CHANGES: readonly (readonly [weight: number, what: string, change: Change])[] = [
  [
    6,
    "error status",
    status("HTTP/1.1 500 Internal Server Error", "HTTP/1.1 503 Service Unavailable", "HTTP/1.1 404 Not Found"),
  ],
  [2, "other success", status("HTTP/1.1 201 Created", "HTTP/1.1 206 Partial Content")],
  [
    2,
    "own words",
    status(
      "HTTP/1.1 200 Fine",
      "HTTP/1.1 200",
      "HTTP/1.1 200 ",
      "HTTP/1.1 599 What is it",
      "HTTP/1.1 418 short and stout",
      "HTTP/1.1 500",
    ),
  ],
  [2, "no content", () => ({ statusLine: "HTTP/1.1 204 No Content", body: new Uint8Array(0) })],
  [3, "old server", () => ({ statusLine: "HTTP/1.0 200 OK", framing: "close", close: true })],
  [4, "redirect", (random) => ({ redirects: [random.pick([301, 302, 303, 307, 308])] })],
  [1, "redirects", (random) => ({ redirects: Array.from({ length: random.pick([2, 9, 10, 11]) }, () => 302) })],
  [1, "redirect without place", () => ({ statusLine: "HTTP/1.1 302 Found" })],
  [3, "empty", () => ({ body: new Uint8Array(0), headers: [] })],
  [2, "empty zip", (_random, step) => packed(step, gzipSync(""))],
  [2, "nothing where a zip should be", (_random, step) => packed(step, new Uint8Array(0))],
  [2, "no zip", (_random, step) => packed(step, Buffer.from(step.text))],
  [2, "short zip", (random, step) => packed(step, plainBytes(step).subarray(0, -1 - random.below(12)))],
  [1, "half zip", (_random, step) => packed(step, plainBytes(step).subarray(0, 15))],
  [1, "wrong sum", (_random, step) => packed(step, flipped(plainBytes(step), -6))],
  [1, "wrong bits", (random, step) => packed(step, flipped(plainBytes(step), 12 + random.below(8)))],
  [
    1,
    "more behind the zip",
    (_random, step) => packed(step, Buffer.concat([plainBytes(step), Buffer.from("and more text")])),
  ],
  [1, "two zips", (_random, step) => packed(step, Buffer.concat([gzipSync("x_first 1\n"), plainBytes(step)]))],
  [
    1,
    "other encoding",
    (_random, step) => ({ body: Buffer.from(step.text), headers: withHeader(step, "Content-Encoding", "deflate") }),
  ],
  [
    1,
    "encoding in capitals",
    (_random, step) => ({ body: Buffer.from(step.text), headers: withHeader(step, "Content-Encoding", "GZIP") }),
  ],
  [4, "cut", fault("cut")],
  [4, "reset", fault("reset")],
  [2, "longer", fault("longer")],
  [3, "silence", fault("stall-head")],
  [3, "half", fault("stall-body")],
  [2, "dribble", fault("dribble")],
  [3, "hung up", fault("cut-head")],
  [3, "reset at once", fault("reset-head")],
  [
    2,
    "flood of headers",
    (random, step) => ({
      headers: [
        ...step.headers,
        ...Array.from({ length: random.pick([50, 500]) }, (_, i): [string, string] => [
          `X-Filler-${i}`,
          "y".repeat(150),
        ]),
      ],
    }),
  ],
  [1, "not HTTP", status("HTTZ/1.1 200 OK", "hello", "HTTP/1.1 abc OK", "HTTP/1.1 20 OK")],
  [1, "early hints", () => ({ statusLine: "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK" })],
  [
    3,
    "as long as the limit",
    (random, step, { bodySizeLimit }) => ({
      body: filled(step, bodySizeLimit - random.pick([0, 1, -1])),
      headers: step.headers.filter(([name]) => name !== "Content-Encoding"),
    }),
  ],
  [2, "a bomb", (_random, step, { bodySizeLimit }) => packed(step, bodySizeLimit > 0 ? BOMB : SMALL_BOMB)],
];

const TABLE = CHANGES.map(([weight, what, change]) => [weight, { what, change }] as const);

/**
 * A gzip bomb for targets with a body size limit: 64 MiB of blank lines. SMALL_BOMB, for targets without a limit, has 2
 * MiB.
 */
const BOMB = gzipSync(Buffer.alloc(64 << 20, "\n"), { level: 1 });
const SMALL_BOMB = gzipSync(Buffer.alloc(2 << 20, "\n"));

/** Chooses a random unusual change and applies it to a target's response. */
export function specialSteps(random: Random, step: Step, settings: JobSettings): Step {
  const { what, change } = random.weighted(TABLE);
  return { ...step, ...change(random, step, settings), what };
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const index = at < 0 ? copy.length + at : Math.min(at, copy.length - 9);
  copy[index] = copy[index]! ^ 0x55;
  return copy;
}

function filled({ text }: Step, size: number): Uint8Array {
  const bytes = Buffer.from(text);
  return size <= bytes.length ? bytes : Buffer.concat([Buffer.alloc(size - bytes.length, "\n"), bytes]);
}
