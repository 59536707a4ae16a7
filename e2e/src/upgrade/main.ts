import { root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { editionOf } from "./edition.ts";
import { type Stage, walk } from "./walk.ts";

const USAGE = `usage: node e2e/src/upgrade/main.ts EARLIER [LATER] [--seconds=N]

Runs all roles of EARLIER under load, replaces them one by one by those of LATER over the same folders, goes back, and
forward again. After each it looks for everything that was acknowledged. The status is 0 where nothing is lost.

EARLIER and LATER are commits, folders with bin/narthex (an unpacked archive, a checkout), or folders with the originals'
programs. LATER is this checkout where it is left out. A role runs N seconds, 5 unless said, before the next is replaced.
`;

/** Maximum number of lost-data messages to print for each stage. */
const MAX_PROBLEMS = 10;

async function main(words: readonly string[]): Promise<number> {
  const given = words.filter((word) => !word.startsWith("--"));
  const seconds = Number(
    /^--seconds=([\d.]+)$/.exec(words.find((word) => word.startsWith("--")) ?? "--seconds=5")?.[1],
  );
  if (given.length < 1 || given.length > 2 || !(seconds > 0)) {
    process.stderr.write(USAGE);
    return 2;
  }
  using workplace = new Workplace();
  const [earlier, later] = [editionOf(given[0]!, workplace), editionOf(given[1] ?? root, workplace)];
  let isGood = true;
  for await (const stage of walk([earlier, later, earlier, later], workplace, seconds)) {
    process.stdout.write(stageReport(stage));
    isGood &&= stage.problems.length === 0;
  }
  process.stdout.write(
    isGood ? "Nothing that was acknowledged is lost.\n" : "What was acknowledged is not all there.\n",
  );
  return isGood ? 0 : 1;
}

function stageReport({ edition, gaps, acknowledged, problems, refused }: Stage): string {
  const lines = [
    ...gaps.map(
      ({ role, stopping, total }) => `${role.padEnd(14)} away for ${seconds(total)}, to stop ${seconds(stopping)}`,
    ),
    ...refused.map((sentence) => `left out, since it is refused: ${sentence}`),
    `acknowledged so far: ${[...acknowledged].map(([what, count]) => `${count} ${what}`).join(", ")}`,
    ...problems.slice(0, MAX_PROBLEMS).map((sentence) => `LOST ${sentence}`),
    ...(problems.length > MAX_PROBLEMS ? [`and ${problems.length - MAX_PROBLEMS} more`] : []),
  ];
  return `${edition.name}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

const seconds = (value: number): string => `${value.toFixed(2)} s`;

process.exitCode = await main(process.argv.slice(2));
