const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** ms of a Go duration (`1.5s`, `1h30m`). Throws with Go's words. */
export function goDuration(text: string): number {
  if (text === "0") return 0;
  let rest = text.replace(/^[-+]/, "");
  let total = 0;
  if (rest === "") throw new Error(`time: invalid duration ${JSON.stringify(text)}`);
  while (rest !== "") {
    const part = /^(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)?/.exec(rest);
    if (part === null) throw new Error(`time: invalid duration ${JSON.stringify(text)}`);
    if (part[2] === undefined) throw new Error(`time: missing unit in duration ${JSON.stringify(text)}`);
    total += Number(part[1]) * UNITS[part[2]]!;
    rest = rest.slice(part[0].length);
  }
  return text.startsWith("-") ? -total : total;
}
