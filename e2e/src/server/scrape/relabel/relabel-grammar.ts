import { Random } from "../../../support/random.ts";

/** A relabeling rule in the format of prometheus.yml. */
type RuleYaml = Readonly<Record<string, string | number | readonly string[]>>;

/** A job with rules, and targets with labels. */
export interface RelabelJob {
  readonly name: string;
  readonly legacyNames: boolean;
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly rules: readonly RuleYaml[];
  readonly targets: readonly { readonly address: string; readonly labels: Readonly<Record<string, string>> }[];
}

const words = (text: string): string[] => text.trim().split(/\s+/);

const NAMES = words(`
  a b ab abc env job instance __tmp_x __tmp_y __name__
  __meta_a __meta_b __meta_ab __meta_label_app __meta_label_env __meta_port __meta_node
  __address__ __scheme__ __metrics_path__ __param_x __param_module
`);
const SETTINGS = ["__scrape_interval__", "__scrape_timeout__"];
const UTF8_NAMES = ["a.b", "größe", "x y", "名"];
const VALUES = [
  ...words("a b ab aab abc A aB 0 9100 10.0.0.1:9100 [::1]:80 http https /probe true false a;b a-b-c prod node-17"),
  ...words("straße İzmir ΣΑΣ ᾳᾀ 😀 $1 é"),
  "x y",
  "a\nb",
];
/** Values for a time setting that relabeling may change. */
const TIMES = ["5000h", "2000h", "10s", "0s", "1x", ""];

/** Typical regular expressions, and parts for random expressions. */
const EXPRESSIONS = [
  "",
  ...words(String.raw`
    (.*) (.+) .* .+ true a|b (a|b) (?:a|b)+ a(.*) (.*)b (?i)(A+)(b?) ([^:]+)(?::\d+)? ([^:]+):(\d+) (.+?)(?:-[a-z])*
    (?P<first>[^-;]*).* ([a-z]*);([a-z]*) () a.c \$1 (\pL+) [^a]* a{2}b ^a$ (?s).+ (\w+)\W*(\w*) (a*)(a|b)* (x)?(.*)
    \d+ https? a\.b
  `),
];
const PIECES = words(String.raw`a b ab . .* .+ (.*) (a) (b|a) [a-c] [^b] a* b? (?:ab)? ; \d (a*?)`);
const TEMPLATES = ["", ...words("$1 ${1} $2 $0 $1-$2 x ${first} $first $1x ${1}x $$ $$1 a$ ${} $1:80 ü $01 $1é")];
const TARGET_TEMPLATES = ["$1", "${1}_x", "n_$1", "$2", "${first}"];
const MAPS: readonly (readonly [regex: string, replacement: string])[] = [
  ["__meta_(.+)", "$1"],
  ["__meta_label_(.+)", "$1"],
  ["__meta_(.*)a", "m_$1"],
  ["(.*)", "all_$0"],
  ["[ab]+", "${0}_x"],
  ["__param_(x)", "__param_y"],
];

/**
 * Generates a random job with relabeling rules and targets, for which Prometheus and our server must have the same
 * result.
 */
export function relabelJob(random: Random, index: number, size: number): RelabelJob {
  const legacyNames = random.chance(20);
  return {
    name: `job-${index}`,
    legacyNames,
    params: random.chance(30) ? { x: random.some(["1", "a b", "é&="]), "m[]": ["v"] } : {},
    rules: Array.from({ length: 1 + random.below(6) }, () => rule(random, legacyNames)),
    targets: Array.from({ length: size }, (_, i) => ({
      address: random.pick([`h${i}:80`, `10.0.0.${i}:9100`, `h${i}`, `[::${i}]:80`, "dup:80", "a b:1"]),
      labels: labels(random, i, legacyNames),
    })),
  };
}

function labels(random: Random, id: number, legacyNames: boolean): Record<string, string> {
  const found: Record<string, string> = { __meta_id: String(id) };
  const names = random.chance(30) && !legacyNames ? [...NAMES, ...UTF8_NAMES] : NAMES;
  for (let i = random.below(8); i > 0; i--) {
    const name = random.pick(names);
    if (name !== "__address__") found[name] = random.pick(VALUES);
  }
  if (random.chance(10)) found[random.pick(SETTINGS)] = random.pick(TIMES);
  return found;
}

function rule(random: Random, legacyNames: boolean): RuleYaml {
  const names = legacyNames || random.chance(70) ? NAMES : [...NAMES, ...UTF8_NAMES];
  const sources = {
    source_labels: Array.from({ length: 1 + random.below(random.chance(60) ? 1 : 3) }, () => random.pick(names)),
  };
  const regex = { regex: expression(random) };
  const separator: RuleYaml = random.chance(15) ? { separator: random.pick(["", "-", "ab", ";;"]) } : {};
  const target = random.chance(5) ? random.pick(SETTINGS) : random.pick(names);
  switch (random.below(12)) {
    case 0:
      return { ...sources, ...separator, ...regex, action: "keep" };
    case 1:
      return { ...sources, ...separator, ...regex, action: random.pick(["drop", "DROP"]) };
    case 2:
      return { ...sources, target_label: target, action: random.pick(["keepequal", "dropequal"]) };
    case 3:
      return { ...sources, ...separator, target_label: target, modulus: 1 + random.below(1000), action: "hashmod" };
    case 4:
      return { ...sources, ...separator, target_label: target, action: random.pick(["lowercase", "uppercase"]) };
    case 5: {
      const [from, replacement] = random.pick(MAPS);
      return { regex: from, replacement, action: "labelmap" };
    }
    case 6:
      return {
        regex: random.pick(["__meta_.*", "a|b", "__param_.*", ...EXPRESSIONS.slice(4, 9)]),
        action: "labeldrop",
      };
    case 7:
      return {
        regex: random.pick(["__.*|a.*", "__(address|scheme|scrape|meta).*|env", ".*[^b]"]),
        action: "labelkeep",
      };
    default:
      return replacing(random, { ...(random.chance(90) ? sources : {}), ...separator, ...regex }, target);
  }
}

function replacing(random: Random, fields: RuleYaml, target: string): RuleYaml {
  const replacement = SETTINGS.some((name) => name === target) ? random.pick(TIMES) : template(random);
  return {
    ...fields,
    target_label: random.chance(15) ? random.pick(TARGET_TEMPLATES) : target,
    ...(random.chance(20) ? {} : { replacement }),
  };
}

const template = (random: Random): string =>
  random.chance(80)
    ? random.pick(TEMPLATES)
    : random.pick(TEMPLATES) + random.pick(["-", "_", "/"]) + random.pick(TEMPLATES);

const expression = (random: Random): string =>
  random.chance(60)
    ? random.pick(EXPRESSIONS)
    : Array.from({ length: 1 + random.below(4) }, () => random.pick(PIECES)).join(random.chance(20) ? "|" : "");
