import {
  type FrameAnswer,
  PANEL_ANSWERS_MEDIA_TYPE,
  type PanelAnswer,
  type PanelQuery,
  readSource,
  writePanelAnswer,
} from "@narthex/dashboards";
import { writeFrames } from "@narthex/dashboards/testing";
import { afterEach, expect, test, vi } from "vitest";
import { PanelQueryBatcher } from "./panel-query-batcher.ts";

const { source } = readSource({ schemaVersion: 41, panels: [] }).dashboard;
const query = (expr: string): readonly PanelQuery[] => [
  { refId: "A", datasource: { uid: "p" }, intervalMs: 1000, maxDataPoints: 100, source: { ...source, expr } },
];
const range = { from: 0, to: 60_000 };
const never = (): AbortSignal => new AbortController().signal;

interface Sent {
  readonly lines: readonly unknown[];
  readonly signal: AbortSignal;
  readonly answer: (answer: Partial<PanelAnswer> & { readonly value?: number }) => void;
  readonly end: () => void;
}

/** A fake server; the test decides when its responses arrive. */
function role(): readonly Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal("fetch", (_url: string, { body, signal }: { body: string; signal: AbortSignal }) => {
    let control: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({ start: (one) => void (control = one) });
    signal.addEventListener("abort", () => control.error(signal.reason));
    sent.push({
      lines: body.split("\n").map((line) => JSON.parse(line) as unknown),
      signal,
      answer: ({ value = 0, ...rest }) => {
        const answers = new Map<string, FrameAnswer>([
          [
            "A",
            {
              status: 200,
              frames: [
                { length: 1, fields: [{ name: "v", type: "number", config: {}, values: Float64Array.of(value) }] },
              ],
            },
          ],
        ]);
        const tag = String(value).padStart(20, "t");
        const whole = { at: 0, form: "frames" as const, status: 200, tag, body: writeFrames(answers), ...rest };
        for (const part of writePanelAnswer(whole)) control.enqueue(part);
      },
      end: () => control.close(),
    });
    return Promise.resolve(new Response(stream, { headers: { "content-type": PANEL_ANSWERS_MEDIA_TYPE } }));
  });
  return sent;
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
};

afterEach(() => vi.unstubAllGlobals());

test("queries of one turn are sent as one request, and each panel gets its answer when it arrives", async () => {
  const sent = role();
  const batcher = new PanelQueryBatcher();
  const [one, two] = ["one", "two"].map((expr) => batcher.send(query(expr), range, never())) as [
    Promise<ReadonlyMap<string, FrameAnswer>>,
    Promise<ReadonlyMap<string, FrameAnswer>>,
  ];
  await settled();
  expect(sent.map(({ lines }) => lines)).toMatchObject([
    [
      {
        panels: [
          { from: "0", to: "60000" },
          { from: "0", to: "60000" },
        ],
      },
      [{ expr: "one" }],
      [{ expr: "two" }],
    ],
  ]);
  sent[0]!.answer({ at: 1, value: 2 });
  const second = await two;
  expect(second.get("A")!.frames[0]!.fields[0]!.values[0]).toBe(2);
  sent[0]!.answer({
    at: 0,
    form: "sentence",
    status: 404,
    tag: "",
    body: new TextEncoder().encode("Data source not found: p"),
  });
  await expect(one).rejects.toMatchObject({ status: 404, message: "Data source not found: p" });
  sent[0]!.end();
  const again = batcher.send(query("two"), range, never(), second);
  await settled();
  expect(sent[1]!.lines[0]).toEqual({ panels: [{ from: "0", to: "60000", has: "2".padStart(20, "t") }] });
  sent[1]!.answer({ form: "unchanged", body: new Uint8Array(0) });
  expect(await again).toBe(second);
});

test("a request is aborted if no panel waits for it, and panels get an error if a response ends early", async () => {
  const sent = role();
  const batcher = new PanelQueryBatcher();
  const controls = [new AbortController(), new AbortController()];
  const answers = controls.map(({ signal }, i) => batcher.send(query(String(i)), range, signal));
  const failures = Promise.allSettled(answers);
  await settled();
  controls[0]!.abort();
  expect(sent[0]!.signal.aborted).toBe(false);
  controls[1]!.abort();
  expect(sent[0]!.signal.aborted).toBe(true);
  expect((await failures).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const cut = batcher.send(query("3"), range, never());
  cut.catch(() => undefined);
  await settled();
  sent[1]!.end();
  await expect(cut).rejects.toThrow("The server's response ended early.");
});

test("at most four requests run at once, and queries that wait are sent together", async () => {
  const sent = role();
  const batcher = new PanelQueryBatcher();
  for (let i = 0; i < 6; i++) {
    void batcher.send(query(String(i)), range, never());
    await settled();
  }
  expect(sent.map(({ lines }) => lines.length)).toEqual([2, 2, 2, 2]);
  sent[0]!.answer({});
  sent[0]!.end();
  await settled();
  expect(sent.map(({ lines }) => lines.length)).toEqual([2, 2, 2, 2, 3]);
});
