import type { JsonValue } from "@narthex/config";
import type { CustomObject } from "../custom-objects/object-source.ts";
import type { ReferenceReader } from "../custom-objects/references.ts";
import { SpecError } from "../custom-objects/spec-error.ts";
import { SpecFields } from "../custom-objects/spec-fields.ts";
import { matchersOf, namespaceMatcher, withMatcher } from "./matchers.ts";
import { convertFields } from "./receivers/field-table.ts";
import { receiverFields } from "./receivers/registry.ts";
import { routeSettings } from "./routes.ts";
import type { AlertmanagerConfigVersion } from "./section.ts";
import { INTERVALS_FIELD, timeIntervals } from "./time-intervals.ts";

/** Settings that an object adds to alertmanager.yml, in the form of the file. Contains secrets. */
export interface ObjectSettings {
  /** Route that is added before the routes of the file. Undefined if the object has none. */
  readonly route: JsonValue | undefined;
  readonly receivers: readonly JsonValue[];
  readonly inhibitRules: readonly JsonValue[];
  readonly muteTimeIntervals: readonly JsonValue[];
}

export interface SettingsContext {
  readonly version: AlertmanagerConfigVersion;
  /** Values of the Secrets and ConfigMaps in the object's namespace. */
  readonly references: ReferenceReader;
  /** Whether the object may route and inhibit only the alerts of its namespace. */
  readonly onlyNamespace: boolean;
}

/** Maximum length of an object's spec as JSON. The object is read in a single turn of the event loop. */
const MAX_SPEC = 256 * 1024;

/** Names of Kubernetes objects. The name of a receiver is divided by slashes, which these names cannot contain. */
const OBJECT_NAME = /^[a-z0-9][-a-z0-9.]{0,252}$/;

/**
 * Returns what an AlertmanagerConfig adds to alertmanager.yml, as prometheus-operator writes it;
 * https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1beta1.AlertmanagerConfig. Throws
 * SpecError for an invalid spec.
 */
export function objectSettings(object: CustomObject, context: SettingsContext): ObjectSettings {
  const { onlyNamespace, references, version } = context;
  checkObject(object, version);
  const { namespace, name, spec: raw } = object;
  const spec = new SpecFields(raw ?? {});
  const named = (own: string): string => `${namespace}/${name}/${own}`;
  const receivers = spec.objects("receivers").map((receiver) => {
    const own = receiver.text("name");
    if (own === "") throw new SpecError(`${receiver.at("name")} is missing`, true);
    return { ...convertFields(receiver, receiverFields, { version, references }), name: named(own) };
  });
  const muteTimeIntervals = timeIntervals(spec, version, named);
  const own = namespaceMatcher(namespace);
  const enforced = (matchers: readonly string[]): JsonValue => (onlyNamespace ? withMatcher(matchers, own) : matchers);
  const inhibitRules = spec.objects("inhibitRules").map((rule) => {
    const equal = rule.texts("equal");
    return {
      source_matchers: enforced(matchersOf(rule, "sourceMatch", version)),
      target_matchers: enforced(matchersOf(rule, "targetMatch", version)),
      ...(equal.length > 0 && { equal }),
    };
  });
  const top = spec.object("route");
  // As with the operator, receivers and time intervals are left out without a route.
  if (top === undefined) return { route: undefined, receivers: [], inhibitRules, muteTimeIntervals: [] };
  const route = routeSettings(top, { version, named });
  const matchers = matchersOf(top, "matchers", version);
  return {
    route: { ...route, matchers: onlyNamespace ? [...matchers, own] : matchers, continue: true },
    receivers,
    inhibitRules,
    muteTimeIntervals,
  };
}

const SPEC_FIELDS = ["route", "receivers", "inhibitRules"];

function checkObject({ namespace, name, spec }: CustomObject, version: AlertmanagerConfigVersion): void {
  for (const given of [namespace, name]) {
    if (OBJECT_NAME.test(given)) continue;
    throw new SpecError(`${JSON.stringify(given)} is not a valid name of a Kubernetes object`);
  }
  const { length } = JSON.stringify(spec);
  if (length > MAX_SPEC)
    throw new SpecError(`the spec is ${length} bytes long, the maximum is ${MAX_SPEC}: divide it into several objects`);
  const known = [...SPEC_FIELDS, INTERVALS_FIELD[version]];
  const unknown = new SpecFields(spec ?? {}).keys.find((key) => !known.includes(key));
  if (unknown !== undefined) throw new SpecError(`${unknown} is not known in ${version}: remove it`, true);
}
