export interface ListedContainer {
  readonly id: string;
  /** Name of the container without the leading slash. */
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Time at which the container was created, Unix seconds. */
  readonly createdAt: number;
  /** Health as a number: 1 healthy, 0 unhealthy or still starting, -1 without a health check. */
  readonly health: number;
  /** Bytes in the container's writable layer, if they were requested. */
  readonly ownBytes: number | undefined;
}

/** Data from the engine's inspection of a container. The data is valid until the container is started again. */
export interface Started {
  readonly image: string | undefined;
  readonly startedAt: number | undefined;
  readonly restarts: number;
  readonly variables: readonly (readonly [name: string, value: string])[];
}

type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const objectOf = (value: unknown): Json => (isObject(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Parses the answer to /containers/json. Throws if the answer is not a list. */
export function listed(answer: unknown): ListedContainer[] {
  if (!Array.isArray(answer)) throw new Error("the engine's list of containers is not a JSON array");
  return answer.filter(isObject).map((one) => ({
    id: textOf(one["Id"]),
    name: nameOf(listOf(one["Names"]).map(textOf)),
    image: textOf(one["Image"]),
    labels: Object.fromEntries(Object.entries(objectOf(one["Labels"])).map(([name, value]) => [name, textOf(value)])),
    createdAt: createdOf(one["Created"]),
    health: healthOf(textOf(one["Status"])),
    ownBytes: typeof one["SizeRw"] === "number" ? one["SizeRw"] : undefined,
  }));
}

/**
 * Prefers a name without an inner slash, because old links add names such as `/other/alias`. Podman's names have no
 * slash.
 */
function nameOf(names: readonly string[]): string {
  const own = names.find((name) => name.lastIndexOf("/") <= 0) ?? names[0] ?? "";
  return own.startsWith("/") ? own.slice(1) : own;
}

/** Returns the creation time in Unix seconds. Docker sends Unix seconds, and older versions of Podman send a date. */
const createdOf = (value: unknown): number => (typeof value === "number" ? value : (secondsOf(textOf(value)) ?? 0));

/**
 * Reads the container's health from a status text such as `Up 2 hours (healthy)`, `Up 3 seconds (health: starting)`,
 * `Up 5 minutes (unhealthy)`, or `Up 2 hours` (no health check).
 */
function healthOf(status: string): number {
  if (status.endsWith("(healthy)")) return 1;
  return /\((?:unhealthy|health: starting|starting)\)$/.test(status) ? 0 : -1;
}

/** Parses the answer to /containers/<id>/json. */
export function startedOf(answer: Json): Started {
  const config = objectOf(answer["Config"]);
  const restarts = answer["RestartCount"];
  const variables = listOf(config["Env"]).map((text) => {
    const [name = "", ...rest] = textOf(text).split("=");
    return [name, rest.join("=")] as const;
  });
  return {
    image: textOf(config["Image"]) || undefined,
    startedAt: secondsOf(textOf(objectOf(answer["State"])["StartedAt"])),
    restarts: typeof restarts === "number" ? restarts : 0,
    variables,
  };
}

/**
 * Returns the Unix seconds of an RFC 3339 time. Returns undefined if it is empty or in the year 1, which means "never".
 */
function secondsOf(text: string): number | undefined {
  const ms = Date.parse(text);
  return ms > 0 ? Math.floor(ms / 1000) : undefined;
}

/** Parses the answer to /info. */
export function engineFacts(answer: unknown): { readonly version: string; readonly dataFolder: string | undefined } {
  const info = objectOf(answer);
  return { version: textOf(info["ServerVersion"]), dataFolder: textOf(info["DockerRootDir"]) || undefined };
}
