import type { Findings } from "../model/findings.ts";
import { type MutableJson, objectAt, ownValue, textAt } from "../model/json.ts";
import { classicOfV2 } from "./classic-of-v2.ts";

/**
 * Converts a dashboard's Kubernetes resource to classic JSON. In resource versions 0 and 1, `spec` is classic JSON; in
 * version 2, it is converted. A dashboard without a uid gets the resource's name as uid.
 */
export function classicOfResource(resource: MutableJson, findings: Findings): MutableJson {
  const spec = objectAt(resource, "spec") ?? resource;
  const isV2 = objectAt(spec, "elements") !== undefined || /\/v2/.test(textAt(resource, "apiVersion").slice(0, 100));
  const classic = isV2 ? classicOfV2(spec, findings) : spec;
  const metadata = objectAt(resource, "metadata") ?? {};
  const name = textAt(metadata, "name");
  if (name !== "" && textAt(classic, "uid") === "") classic["uid"] = name;
  const generation = ownValue(metadata, "generation");
  if (typeof generation === "number" && ownValue(classic, "version") === undefined) classic["version"] = generation;
  const version = textAt(resource, "apiVersion").slice(0, 100);
  findings.change(
    "",
    isV2
      ? "The dashboard was converted from the v2 form to the classic form."
      : `The dashboard was read from a Kubernetes resource (${version}).`,
  );
  return classic;
}
