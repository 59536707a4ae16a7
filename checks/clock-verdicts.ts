import type { SourceFile } from "./sources.ts";

/** Matches a call that reads a real clock. */
const READING =
  /\b(?:performance|Date|process\.hrtime|hrtime|systemClock)\.(?:now|bigint|monotonic)\(\)|\bprocess\.hrtime\(/;
/** Matches a declaration of one variable, or a destructuring of a list into several variables. */
const ASSIGNED = /\b(?:const|let|var)\s+(?:\[([^\]]+)\]|(\w+))(?::[^=]+)?\s*=[^=]/;
/** Matches an assertion with an upper bound, which a slow machine may exceed. */
const BOUND = /\.(?:toBeLessThan(?:OrEqual)?|toBeCloseTo)\(/;
/** Matches a call that reads the CPU time of this process, which caches and the garbage collector change from run to run. */
const CPU_READING = /\bprocess\.(?:cpuUsage|threadCpuUsage|resourceUsage)\(/;
/** Matches variable names that usually contain a time span. */
const SPAN_NAME = /\b(?:took|elapsed|duration(?:Ms)?|latency|latencies|millis|elapsedMs|tookMs|timings|spans?)\b/i;

/**
 * Returns test assertions that can fail on a busy machine, because they set an upper bound for a span of real time or
 * for CPU time. Instead, a test checks work (executed blocks of code, turns of the event loop, bytes, the order of
 * answers), or uses a Clock that it controls. Speed is measured in bench/.
 */
export function clockVerdicts({ path, lines, isTest }: SourceFile): string[] {
  if (!isTest || /^(?:bench|checks)\//.test(path)) return [];
  const readings = spansIn(lines);
  return lines.flatMap((line, at) => {
    if (/^\s*(?:\*|\/\/|\/\*)/.test(line)) return [];
    if (CPU_READING.test(line)) return [`${path}:${at + 1} reads CPU time; count work, and measure in bench/`];
    if (!BOUND.test(line)) return [];
    const asserted = assertedBefore(lines, at);
    if (isClockReading(asserted) || SPAN_NAME.test(asserted) || namesOf(asserted).some((name) => readings.has(name)))
      return [`${path}:${at + 1} bounds how long something took; assert work or an order, and measure in bench/`];
    return [];
  });
}

const isClockReading = (text: string): boolean =>
  READING.test(text) && /[-+]/.test(text.replace(READING, "").replace(READING, ""));

/**
 * Returns the argument of the `expect(` call that belongs to an assertion. Includes up to four earlier lines if the
 * call begins there.
 */
function assertedBefore(lines: readonly string[], at: number): string {
  let text = lines[at]!.slice(0, lines[at]!.search(BOUND));
  for (let from = at - 1; !text.includes("expect(") && from >= 0 && at - from < 5; from--) text = lines[from]! + text;
  return text.slice(text.lastIndexOf("expect("));
}

const namesOf = (text: string): string[] => text.replace(/(["'`]).*?\1/g, "").match(/(?<![.\w])[a-z]\w*/g) ?? [];

/** Returns the names of variables that contain the difference of two clock readings. */
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
