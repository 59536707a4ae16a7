import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";

/** A YAML value. */
type Data = string | number | boolean | null | undefined | Data[] | { [key: string]: Data };

const isMap = (data: Data): data is { [key: string]: Data } =>
  typeof data === "object" && data !== null && !Array.isArray(data);

/** Compares the configurations that the two servers print. Returns lines of the form `path: theirs …, ours …`. */
export function effectiveDifferences(ours: string, theirs: string): string[] {
  const found: string[] = [];
  compare(parse(ours, { version: "1.1" }) as Data, parse(theirs, { version: "1.1" }) as Data, "", found);
  return found;
}

function compare(ours: Data, theirs: Data, path: string, found: string[]): void {
  if (isDeepStrictEqual(ours, theirs) || isKnown(ours, theirs, path)) return;
  if (isMap(ours) && isMap(theirs)) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      compare(ours[key], theirs[key], `${path}.${key}`, found);
    }
  } else if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length) {
    for (const [i, item] of ours.entries()) compare(item, theirs[i], `${path}.${i}`, found);
  } else found.push(`${path}: theirs ${JSON.stringify(theirs)}, ours ${JSON.stringify(ours)}`);
}

/** Matches the paths of settings that Prometheus 3.14 and our server print, but Prometheus 3.5 does not. */
const LATER = /\.(?:scrape_native_histograms|extra_scrape_metrics|label_name_\w+|storage\.tsdb\.retention)$/;

function isKnown(ours: Data, theirs: Data, path: string): boolean {
  if (theirs === undefined && LATER.test(path)) return true;
  // Prometheus 3.14 always prints the retention time.
  if (theirs === undefined && /^\.storage(?:\.tsdb)?$/.test(path)) return !JSON.stringify(ours).includes("out_of");
  // Prometheus 3.5 prints default protocols here; 3.14 determines the protocols for each job.
  if (ours === undefined && path === ".global.scrape_protocols") return true;
  // Prometheus 3.5 prints the validation scheme only if the section `global` is absent.
  if (theirs === undefined && path === ".global.metric_name_validation_scheme") return ours === "utf8";
  // Prometheus 3.14 derives a job's escaping scheme from the job's own validation scheme before it uses the global
  // escaping scheme.
  if (/^\.scrape_configs\.\d+\.metric_name_escaping_scheme$/.test(path))
    return ours === "allow-utf-8" || ours === "underscores";
  // Prometheus 3.14 also prints empty texts of a relabeling rule.
  if (/_configs\.\d+\.(?:regex|separator|replacement)$/.test(path)) return ours === "" && (theirs ?? null) === null;
  // A label without a value counts as absent.
  if (ours === undefined && /\.(?:external_)?labels\.[^.]+$/.test(path)) return theirs === "";
  // Prometheus 3.5 does not resolve relative paths in the sections of Amazon's service discovery.
  if (/\.(?:ec2|lightsail)_sd_configs\.\d+\..*(?:_file|\.files\.\d+)$/.test(path))
    return (
      typeof ours === "string" && typeof theirs === "string" && ours.endsWith(theirs.replace(/^(?:\.\.)?\/*/, "/"))
    );
  // Our server never prints a password, even in URLs that Prometheus treats as plain strings.
  if (path.endsWith(".token_url") && typeof theirs === "string")
    return ours === theirs.replace(/\/\/([^/:@]*):[^/@]*@/, "//$1:xxxxx@");
  // Prometheus 3.5 treats an empty document as a configuration without defaults.
  return (
    theirs === undefined &&
    /^\.(?:runtime|otlp|global\.(?:scrape_(?:interval|timeout)|evaluation_interval|metric_name_escaping_scheme))$/.test(
      path,
    ) &&
    isDefault(path, ours)
  );
}

function isDefault(path: string, ours: Data): boolean {
  const defaults: Readonly<Record<string, Data>> = {
    ".runtime": { gogc: 75 },
    ".global.scrape_interval": "1m",
    ".global.scrape_timeout": "10s",
    ".global.evaluation_interval": "1m",
    ".global.metric_name_escaping_scheme": "allow-utf-8",
  };
  return path === ".otlp" || isDeepStrictEqual(ours, defaults[path]);
}
