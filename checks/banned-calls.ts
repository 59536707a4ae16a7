import type { SourceFile } from "./sources.ts";

/** A banned call and its replacement. `allowed` lists the files that may use the call, with the reason. */
interface Ban {
  readonly call: RegExp;
  readonly instead: string;
  readonly allowed: readonly string[];
}

const BANS: readonly Ban[] = [
  {
    call: /\bDate\.now\(|\bnew Date\(\)/,
    instead: "ask the Clock: clock.now()",
    allowed: ["packages/runtime/src/clock.ts", "packages/promql/src/browser-clock.ts", "apps/ui/"],
  },
  {
    call: /(?<![.\w])(?:setTimeout|setInterval)\(/,
    instead: "wait on the Clock: clock.sleep() or clock.after()",
    allowed: ["packages/runtime/src/clock.ts", "packages/promql/src/browser-clock.ts", "apps/ui/", "apps/docs/client/"],
  },
  { call: /\bprocess\.exit\(/, instead: "return an exit status from main", allowed: ["apps/narthex/src/main.ts"] },
  { call: /(?<![.\w])console\.\w+\(/, instead: "use the Logger, or host.stdout", allowed: [] },
  {
    call: /\bnew RegExp\(/,
    instead: "user text goes through model's compilePattern, whose time is linear",
    allowed: ["packages/http/src/server/go-router.ts", "packages/dashboards/src/pattern/", "apps/ui/"],
  },
  {
    call: /(?<![.\w])lazy\(/,
    instead: "use whenLoaded(), which shows a component as soon as its code arrives; React waits 300 ms",
    allowed: [],
  },
  { call: /^export \* from/, instead: "list the names", allowed: [] },
  { call: /\b(?:it|test|describe)\.only\(/, instead: "run the whole file", allowed: [] },
];

/** Returns banned calls in a file as `path:line sentence`. Tests and benchmarks may use the machine's clock. */
export function bannedCalls(file: SourceFile): string[] {
  return file.lines.flatMap((line, i) => {
    if (/^\s*(?:\*|\/\/)/.test(line)) return [];
    return BANS.filter(({ call, allowed }) => call.test(line) && !allowed.some((path) => file.path.startsWith(path)))
      .filter(({ call }) => !file.isTest || /only/.test(call.source))
      .map(({ instead }) => `${file.path}:${i + 1} "${line.trim().slice(0, 60)}": ${instead}`);
  });
}
