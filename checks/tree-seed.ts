import { execFileSync } from "node:child_process";

/** What tests run; a page of text more or less leaves the seed as it is. */
const CODE = ["HEAD:packages", "HEAD:apps", "HEAD:e2e"];

/**
 * The seed of randomised tests that are given none: it belongs to the committed code. So every change is tried with
 * inputs of its own, and what failed for it fails again.
 */
export function treeSeed(): number {
  try {
    const printed = execFileSync("git", ["rev-parse", ...CODE], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const trees = printed.trim().split("\n");
    return trees.reduce((seed, tree) => (seed ^ Number.parseInt(tree.slice(0, 7), 16)) >>> 0, 0);
  } catch {
    return Math.floor(Math.random() * 2 ** 28);
  }
}
