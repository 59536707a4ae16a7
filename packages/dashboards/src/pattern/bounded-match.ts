import type { ParsedPattern, PatternNode } from "./pattern-syntax.ts";

type Next = (at: number) => boolean;
/**
 * Matches one part of a regular expression at a position, then calls `next` for the parts that follow. If `next` fails,
 * tries the part's alternatives.
 */
type Step = (at: number, next: Next) => boolean;

/**
 * Maximum number of nested guarded matchers. Each uses a few stack frames, and the stack has room for about ten
 * thousand frames.
 */
const MAX_STACK = 1000;

/**
 * A part of a regular expression that matches one character or an empty text, in at most one way, and that contains no
 * other parts.
 */
type Single = { readonly width: 0 | 1; readonly test: (at: number) => boolean };

function isWord(text: string, at: number): boolean {
  return at >= 0 && at < text.length && /\w/.test(text[at]!);
}

/**
 * A backtracking regular expression engine with a limited number of steps. When the steps are used up, nothing matches.
 * It supports JavaScript's syntax with the semantics of expressions without the flag `u`.
 */
export class BoundedMatcher {
  private text = "";
  private steps = 0;
  private stack = 0;
  /** Start and end position of each capturing group, in pairs; -1 for groups that have not matched. */
  private ends: Int32Array;
  private readonly root: Step;
  private readonly parsed: ParsedPattern;
  private readonly flags: string;

  constructor(parsed: ParsedPattern, flags: string) {
    this.parsed = parsed;
    this.flags = flags;
    this.ends = new Int32Array(2 * (parsed.captures + 1));
    this.root = this.compile(parsed.root);
  }

  /**
   * Searches for the first match from `from` on, with at most `budget` steps. Returns its positions, and the number of
   * steps left. At 0 or -1, the search was stopped because the budget or the stack was used up.
   */
  search(text: string, from: number, budget: number): { readonly ends?: Int32Array; readonly left: number } {
    this.text = text;
    this.steps = budget;
    this.stack = 0;
    try {
      return this.searchFrom(from);
    } catch (error) {
      // Treats a stack overflow as an exhausted budget, because the caller may already have used much of the stack.
      if (error instanceof RangeError) return { left: -1 };
      throw error;
    }
  }

  private searchFrom(from: number): { readonly ends?: Int32Array; readonly left: number } {
    const { text } = this;
    for (let at = from; at <= text.length && this.steps > 0; at++) {
      this.ends.fill(-1);
      const isMatch = this.root(at, (end) => {
        this.ends[0] = at;
        this.ends[1] = end;
        return true;
      });
      if (isMatch && this.steps > 0) return { ends: this.ends.slice(), left: this.steps };
      this.steps--;
    }
    return { left: Math.max(this.steps, -1) };
  }

  /**
   * Wraps a matcher so that it returns false if the step budget or the stack is used up. All remaining alternatives
   * then fail too, which ends the search.
   */
  private guarded(step: Step): Step {
    return (at, next) => {
      if (--this.steps <= 0) return false;
      if (this.stack >= MAX_STACK) {
        this.steps = -1;
        return false;
      }
      this.stack++;
      const isMatch = step(at, next);
      this.stack--;
      return isMatch;
    };
  }

  private compile(node: PatternNode): Step {
    switch (node.kind) {
      case "character":
      case "edge":
        return this.run([this.single(node)]);
      case "reference":
        return this.reference(node.group);
      case "sequence":
        return this.sequence(node.parts);
      case "choice": {
        const branches = node.branches.map((branch) => this.compile(branch));
        return this.guarded((at, next) => branches.some((branch) => branch(at, next)));
      }
      case "group":
        return node.capture === undefined ? this.compile(node.body) : this.capture(node.body, node.capture);
      case "look":
        return this.look(node);
      case "repeat":
        return node.body.kind === "character"
          ? this.repeatCharacter(this.characterTest(node.body.source), node.min, node.max, node.lazy)
          : this.repeat(this.compile(node.body), node.min, node.max, node.lazy);
    }
  }

  private characterTest(source: string): (at: number) => boolean {
    const isLiteral = source.length === 1 && source !== "." && !this.flags.includes("i");
    if (isLiteral) return (at) => this.text[at] === source;
    // Uses the native engine, which cannot backtrack here: the expression and the text have one character each.
    const pattern = new RegExp(`^${source}$`, this.flags.replace("m", ""));
    const known = new Int8Array(128);
    return (at) => {
      if (at >= this.text.length) return false;
      const code = this.text.charCodeAt(at);
      if (code >= 128) return pattern.test(this.text[at]!);
      if (known[code] === 0) known[code] = pattern.test(this.text[at]!) ? 1 : -1;
      return known[code] === 1;
    };
  }

  private isEdge(edge: "^" | "$" | "b" | "B", at: number): boolean {
    const { text } = this;
    const ofLines = this.flags.includes("m");
    if (edge === "^") return at === 0 || (ofLines && /[\n\r\u2028\u2029]/.test(text[at - 1]!));
    if (edge === "$") return at === text.length || (ofLines && /[\n\r\u2028\u2029]/.test(text[at]!));
    return (isWord(text, at - 1) !== isWord(text, at)) === (edge === "b");
  }

  private reference(group: number | string): Step {
    const number = typeof group === "number" ? group : (this.parsed.names.get(group) ?? 0);
    const fold = (text: string): string => (this.flags.includes("i") ? text.toLowerCase() : text);
    return this.guarded((at, next) => {
      const from = this.ends[2 * number] ?? -1;
      const to = this.ends[2 * number + 1] ?? -1;
      if (from < 0 || to < 0) return next(at);
      this.steps -= to - from;
      const isSame = fold(this.text.slice(from, to)) === fold(this.text.slice(at, at + to - from));
      return isSame && next(at + to - from);
    });
  }

  private single(node: Extract<PatternNode, { kind: "character" | "edge" }>): Single {
    return node.kind === "character"
      ? { width: 1, test: this.characterTest(node.source) }
      : { width: 0, test: (at) => this.isEdge(node.edge, at) };
  }

  /** Returns one matcher for consecutive single characters, which needs only one stack frame. */
  private run(singles: readonly Single[]): Step {
    return (from, next) => {
      let at = from;
      for (const { width, test } of singles) {
        if (--this.steps <= 0 || !test(at)) return false;
        at += width;
      }
      return next(at);
    };
  }

  private sequence(parts: readonly PatternNode[]): Step {
    const steps: Step[] = [];
    let singles: Single[] = [];
    const endRun = (): void => {
      if (singles.length > 0) steps.push(this.run(singles));
      singles = [];
    };
    for (const part of parts) {
      if (part.kind === "character" || part.kind === "edge") singles.push(this.single(part));
      else {
        endRun();
        steps.push(this.compile(part));
      }
    }
    endRun();
    const [last, ...before] = steps.toReversed();
    if (last === undefined) return (at, next) => next(at);
    return before.reduce<Step>((rest, step) => this.guarded((at, next) => step(at, (end) => rest(end, next))), last);
  }

  private capture(body: PatternNode, number: number): Step {
    const step = this.compile(body);
    return this.guarded((at, next) => {
      const from = this.ends[2 * number]!;
      const to = this.ends[2 * number + 1]!;
      const isMatch = step(at, (end) => {
        const before = [this.ends[2 * number]!, this.ends[2 * number + 1]!] as const;
        this.ends[2 * number] = at;
        this.ends[2 * number + 1] = end;
        if (next(end)) return true;
        [this.ends[2 * number], this.ends[2 * number + 1]] = before;
        return false;
      });
      if (!isMatch) [this.ends[2 * number], this.ends[2 * number + 1]] = [from, to];
      return isMatch;
    });
  }

  private look(node: Extract<PatternNode, { kind: "look" }>): Step {
    const step = this.compile(node.body);
    return this.guarded((at, next) => {
      const before = this.ends.slice();
      let isMatch = false;
      if (node.behind) {
        for (let from = at; from >= 0 && !isMatch && this.steps > 0; from--) isMatch = step(from, (end) => end === at);
      } else {
        isMatch = step(at, () => true);
      }
      if (this.steps <= 0) return false;
      if (node.negative || !isMatch) this.ends.set(before);
      if (isMatch === node.negative) return false;
      if (next(at)) return true;
      this.ends.set(before);
      return false;
    });
  }

  private repeatCharacter(test: (at: number) => boolean, min: number, max: number, lazy: boolean): Step {
    return this.guarded((at, next) => {
      let count = 0;
      const most = lazy ? min : max;
      while (count < most && this.steps > 0 && test(at + count)) {
        count++;
        this.steps--;
      }
      if (count < min) return false;
      if (!lazy) {
        for (; count >= min && this.steps > 0; count--) if (next(at + count)) return true;
        return false;
      }
      for (; this.steps > 0; count++) {
        if (next(at + count)) return true;
        this.steps--;
        if (count >= max || !test(at + count)) return false;
      }
      return false;
    });
  }

  private repeat(body: Step, min: number, max: number, lazy: boolean): Step {
    const turn = (count: number): Step =>
      this.guarded((at, next) => {
        const again = (): boolean =>
          count < max && body(at, (end) => (end === at && count >= min ? false : turn(count + 1)(end, next)));
        if (count < min) return again();
        return lazy ? next(at) || again() : again() || next(at);
      });
    return turn(0);
  }
}
