import { execFileSync } from "node:child_process";

/**
 * The seed of a randomised test: `NARTHEX_SEED` where it is set, else one that belongs to the committed tree. So every
 * change is tried with inputs of its own, and what failed for a tree fails for it again.
 */
export function chosenSeed(): number {
  const given = process.env["NARTHEX_SEED"];
  if (given !== undefined) return Number(given);
  try {
    const tree = execFileSync("git", ["rev-parse", "HEAD^{tree}"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return Number.parseInt(tree.slice(0, 7), 16);
  } catch {
    return Math.floor(Math.random() * 2 ** 28);
  }
}
