import type { SourceFile } from "./sources.ts";

/** Reads a clock that no test turns. */
const READING =
  /\b(?:performance|Date|process\.hrtime|hrtime|systemClock)\.(?:now|bigint|monotonic)\(\)|\bprocess\.hrtime\(/;
/** A reading taken from another one, or from a variable that holds one. */
const ASSIGNED = /\b(?:const|let|var)\s+(?:\[([^\]]+)\]|(\w+))(?::[^=]+)?\s*=[^=]/;
/** What says how large something may be at most, and so how slow the machine. */
const BOUND = /\.(?:toBeLessThan(?:OrEqual)?|toBeCloseTo)\(/;
/** A span of time by its name. */
const SPAN_NAME = /\b(?:took|elapsed|duration(?:Ms)?|latency|latencies|millis|elapsedMs|tookMs|timings|spans?)\b/i;

/**
 * Assertions that a machine under load can fail: an upper bound on a span of real time. A test is about work (turns of
 * the loop, bytes, the order of answers, CPU time with a wide margin) or about a Clock that it turns; speed is measured
 * in bench/.
 */
export function clockVerdicts({ path, lines, isTest }: SourceFile): string[] {
  if (!isTest || /^(?:bench|checks)\//.test(path)) return [];
  const readings = spansIn(lines);
  return lines.flatMap((line, at) => {
    if (/^\s*(?:\*|\/\/|\/\*)/.test(line) || !BOUND.test(line)) return [];
    const asserted = assertedBefore(lines, at);
    if (isClockReading(asserted) || SPAN_NAME.test(asserted) || namesOf(asserted).some((name) => readings.has(name)))
      return [`${path}:${at + 1} bounds how long something took; assert work or an order, and measure in bench/`];
    return [];
  });
}

const isClockReading = (text: string): boolean =>
  READING.test(text) && /[-+]/.test(text.replace(READING, "").replace(READING, ""));

/** What `expect(` is given: this line's part before the bound, with earlier lines of the same call. */
function assertedBefore(lines: readonly string[], at: number): string {
  let text = lines[at]!.slice(0, lines[at]!.search(BOUND));
  for (let from = at - 1; !text.includes("expect(") && from >= 0 && at - from < 5; from--) text = lines[from]! + text;
  return text.slice(text.lastIndexOf("expect("));
}

const namesOf = (text: string): string[] => text.replace(/(["'`]).*?\1/g, "").match(/(?<![.\w])[a-z]\w*/g) ?? [];

/** Variables that hold the difference of two readings. */
function spansIn(lines: readonly string[]): Set<string> {
  const spans = new Set<string>();
  for (const line of lines) {
    const found = ASSIGNED.exec(line);
    if (found !== null && /(?:\.now\(\)|\.monotonic\(\))\s*-/.test(line) && READING.test(line))
      spans.add(found[2] ?? found[1]!);
    const pushed = /\b(\w+)\.push\((?:performance|Date|systemClock)\.\w+\(\)\s*-/.exec(line);
    if (pushed !== null) spans.add(pushed[1]!);
  }
  return spans;
}
