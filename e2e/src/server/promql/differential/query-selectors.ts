import type { Random } from "../../../support/random.ts";
import { GROUPING_LABELS, type Metric, type MetricKind, METRICS, UTF8_METRIC } from "./query-metrics.ts";
import { matrix, type QueryNode, scalar, vector } from "./query-tree.ts";

const RANGES = ["1m", "2m", "5m", "10m", "90s", "2m30s", "20m", "45s", "30s", "300", "1h"];
/** Durations that are written as arithmetic expressions, an experimental feature of PromQL. */
const COMPUTED = ["5m + 1m", "2 * 2m", "10m / 4", "(1m + 30) * 3", "2 ^ 8", "-(-4m)", "7m % 4m"];
const OFFSETS = ["1m", "5m", "-2m", "30s", "1h", "-45s", "17s", "90"];
const NUMBERS = "0 1 2 -1 0.5 10 -3 1e3 0x1F 1_000 Inf -Inf NaN 5m 017 .25 1e-3 100 0.1 +7".split(" ");

/** Generates random parts of queries: selectors of existing series, numbers and label names. */
export class QuerySelectors {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  any(): QueryNode {
    const random = this.#random;
    if (random.chance(2))
      return vector`{"${UTF8_METRIC}"${random.chance(50) ? ', "a.b"=~".+"' : ""}}${this.modifiers()}`;
    if (random.chance(4))
      return vector`{__name__=~"${random.pick(["limit|queue", "requests.*", "(dur|lat).*", "sizes|limit"])}"}`;
    const kind = random.weighted<MetricKind>([
      [8, "counter"],
      [9, "gauge"],
      [3, "odd"],
      [2, "classic"],
      [5, "native"],
      [1, "info"],
    ]);
    return vector`${this.#selector(kind)}${this.modifiers()}`;
  }

  anyRange(): QueryNode {
    const kind = this.#random.weighted<MetricKind>([
      [5, "counter"],
      [9, "gauge"],
      [4, "odd"],
      [1, "classic"],
      [6, "native"],
    ]);
    return this.#range(kind);
  }

  counterRange(): QueryNode {
    const kind = this.#random.weighted<MetricKind>([
      [8, "counter"],
      [1, "gauge"],
      [1, "odd"],
      [2, "classic"],
      [4, "native"],
    ]);
    return this.#range(kind);
  }

  native(): QueryNode {
    return vector`${this.#selector("native")}`;
  }

  buckets(): QueryNode {
    return vector`${this.#selector("classic")}`;
  }

  /**
   * Generates a selector that matches nothing, for example as the argument of `absent`, whose result has the selector's
   * labels.
   */
  missing(): QueryNode {
    return vector`${this.#random.pick([
      'nope{a="1", b=~"x.*"}',
      'queue{instance="z:1", job="web"}',
      'limit{instance="a:80", instance="b:80"}',
      'nope{a!="1", c=""}',
      "flapping",
      '{__name__="nope", x="y"}',
    ])}`;
  }

  number(): QueryNode {
    return scalar`${this.#random.pick(NUMBERS)}`;
  }

  label(): string {
    const random = this.#random;
    return random.chance(55) ? "instance" : random.pick(GROUPING_LABELS);
  }

  labels(): string {
    const count = this.#random.weighted([
      [5, 1],
      [3, 2],
      [1, 3],
    ]);
    return [...new Set(Array.from({ length: count }, () => this.label()))].join(", ");
  }

  /** Generates random `offset` and `@` modifiers for a selector. Usually returns none. */
  modifiers(): string {
    const random = this.#random;
    if (random.chance(80)) return "";
    const offset = ` offset ${random.chance(90) ? random.pick(OFFSETS) : `(${random.pick(COMPUTED)})`}`;
    const at = ` @ ${random.pick(["start()", "end()", "1555212600", "1555214400.5", "1555225200"])}`;
    return random.weighted([
      [4, offset],
      [3, at],
      [1, offset + at],
      [1, at + offset],
    ]);
  }

  #range(kind: MetricKind): QueryNode {
    return matrix`${this.#selector(kind)}[${this.#random.pick(this.#random.chance(95) ? RANGES : COMPUTED)}]${this.modifiers()}`;
  }

  #selector(kind: MetricKind): string {
    const random = this.#random;
    const metric = random.pick(METRICS.filter((one) => one.kind === kind));
    return metric.name + (random.chance(45) ? this.#matchers(metric) : "");
  }

  #matchers(metric: Metric): string {
    const random = this.#random;
    const matchers = random.some(Object.entries(metric.labels)).map(([label, values]) => {
      const value = random.pick(values).replace(/^\+/, "[+]");
      const regex = random.pick([
        `${random.pick(values).replace("+", "[+]")}|${value}`,
        ".+",
        ".*",
        `${value.slice(0, 1)}.*`,
        "",
        "[^x]+",
      ]);
      return random.weighted([
        [6, `${label}="${value}"`],
        [2, `${label}!="${value}"`],
        [3, `${label}=~"${regex}"`],
        [1, `${label}!~"${regex}"`],
      ]);
    });
    return `{${matchers.join(", ")}}`;
  }
}
