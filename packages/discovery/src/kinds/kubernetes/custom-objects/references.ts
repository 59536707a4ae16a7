import type { ApiResource, RawObject } from "../api-object.ts";
import type { ObjectSink } from "../list-watch.ts";
import { SpecError } from "./spec-error.ts";
import type { SpecFields } from "./spec-fields.ts";

/** Reads values of Secrets and ConfigMaps that an object refers to by `{name, key}`. */
export interface ReferenceReader {
  /** Returns a value of a Secret, or "" while it is not known yet. Throws SpecError if it does not exist. */
  secret(reference: SpecFields): string;
  /** Returns a value of a ConfigMap, or "" while it is not known yet. Throws SpecError if it does not exist. */
  configMap(reference: SpecFields): string;
  /** Name of a requested object that has not been read yet, or "". */
  readonly waitsFor: string;
}

/** Values of a Secret or ConfigMap, by key. */
type Values = ReadonlyMap<string, string>;

interface RawValues extends RawObject {
  readonly data?: Readonly<Record<string, string>> | null;
}

const secrets: ApiResource<Values> = {
  plural: "secrets",
  group: "/api/v1",
  isNamespaced: true,
  keep: (raw) => valuesOf(raw, (encoded) => Buffer.from(encoded, "base64").toString("utf8")),
};

const configMaps: ApiResource<Values> = {
  plural: "configmaps",
  group: "/api/v1",
  isNamespaced: true,
  keep: (raw) => valuesOf(raw, (text) => text),
};

const valuesOf = (raw: RawObject, read: (text: string) => string): Values =>
  new Map(Object.entries((raw as RawValues).data ?? {}).map(([key, value]) => [key, read(value)]));

/** An object that is watched because another object refers to it. */
interface Watched {
  readonly resource: ApiResource<Values>;
  readonly namespace: string;
  readonly name: string;
  readonly sink: ObjectSink<Values>;
  readonly signal: AbortSignal;
  /** Called with the reason if the object cannot be read. `isRefused` is true if the API denies access. */
  readonly failed: (reason: string, isRefused: boolean) => void;
}

export type WatchObject = (watched: Watched) => void;

interface Known {
  readonly stopping: AbortController;
  /**
   * Values of the object, or "missing" if it does not exist. Undefined if the object was not listed yet or cannot be
   * read.
   */
  values: Values | "missing" | undefined;
  failure: { readonly reason: string; readonly isRefused: boolean } | undefined;
  /** Number of the round in which this object was last requested. In each round, all objects are read. */
  round: number;
}

/**
 * The Secrets and ConfigMaps that custom objects refer to. Each one is watched separately, and only while an object
 * refers to it.
 */
export class References {
  readonly #watch: WatchObject;
  readonly #changed: () => void;
  readonly #known = new Map<string, Known>();
  #round = 0;

  /** @param changed called at each change of a value */
  constructor(watch: WatchObject, changed: () => void) {
    this.#watch = watch;
    this.#changed = changed;
  }

  /**
   * Must be called before all custom objects are read. The following end() stops watching all Secrets and ConfigMaps
   * except those that were requested since.
   */
  begin(): void {
    this.#round++;
  }

  end(): void {
    for (const [id, known] of this.#known) {
      if (known.round === this.#round) continue;
      known.stopping.abort(new Error("not referred to any more"));
      this.#known.delete(id);
    }
  }

  stop(): void {
    this.begin();
    this.end();
  }

  reader(namespace: string): ReferenceReader {
    let waitsFor = "";
    const read = (resource: ApiResource<Values>, kind: string, reference: SpecFields): string => {
      const [name, key] = [reference.text("name"), reference.text("key")];
      if (name === "") throw new SpecError(`the name of the ${kind} is missing`);
      const { values, failure } = this.#lookUp(resource, namespace, name);
      if (failure?.isRefused === true) throw new SpecError(`${kind} "${name}" cannot be read: ${failure.reason}`);
      if (values === undefined) {
        waitsFor = `${kind} "${name}" is not read yet${failure === undefined ? "" : `: ${failure.reason}`}`;
        return "";
      }
      if (values === "missing") throw new SpecError(`${kind} "${name}" not found`);
      const value = values.get(key);
      if (value === undefined) throw new SpecError(`key "${key}" in ${kind} "${name}" not found`);
      return value;
    };
    return {
      secret: (reference) => read(secrets, "secret", reference),
      configMap: (reference) => read(configMaps, "configmap", reference),
      get waitsFor() {
        return waitsFor;
      },
    };
  }

  /** Returns a reader that only requests the objects. It throws no errors, and all its values are "". */
  lenientReader(namespace: string): ReferenceReader {
    const get = (resource: ApiResource<Values>, reference: SpecFields): string => {
      const name = reference.text("name");
      if (name !== "") this.#lookUp(resource, namespace, name);
      return "";
    };
    return {
      secret: (reference) => get(secrets, reference),
      configMap: (reference) => get(configMaps, reference),
      waitsFor: "",
    };
  }

  #lookUp(resource: ApiResource<Values>, namespace: string, name: string): Known {
    const id = `${resource.plural}/${namespace}/${name}`;
    let known = this.#known.get(id);
    if (known === undefined) {
      known = this.#open(resource, namespace, name);
      this.#known.set(id, known);
    }
    known.round = this.#round;
    return known;
  }

  #open(resource: ApiResource<Values>, namespace: string, name: string): Known {
    const stopping = new AbortController();
    const known: Known = { stopping, values: undefined, failure: undefined, round: 0 };
    const take = (values: Values | undefined): void => {
      known.values = values ?? "missing";
      known.failure = undefined;
      this.#changed();
    };
    this.#watch({
      resource,
      namespace,
      name,
      signal: stopping.signal,
      sink: {
        replace: (objects) => take([...objects.values()][0]),
        apply: (changes) => take(changes.at(-1)![1]),
      },
      failed: (reason, isRefused) => {
        // Keeps the last values while the API cannot be reached.
        if (known.values !== undefined) return;
        known.failure = { reason, isRefused };
        this.#changed();
      },
    });
    return known;
  }
}
