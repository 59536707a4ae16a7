import { execFileSync } from "node:child_process";

/**
 * The seed of randomised tests that are given none: it belongs to the committed tree. So every change is tried with
 * inputs of its own, and what failed for a tree fails for it again.
 */
export function treeSeed(): number {
  try {
    const args = ["rev-parse", "HEAD^{tree}"];
    const tree = execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return Number.parseInt(tree.slice(0, 7), 16);
  } catch {
    return Math.floor(Math.random() * 2 ** 28);
  }
}
