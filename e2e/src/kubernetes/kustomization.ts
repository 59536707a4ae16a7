import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { join, relative } from "node:path";
import { stringify } from "yaml";
import { root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { type ClusterObject, objectsIn } from "./cluster-object.ts";

/** Names of the Kustomize overlays in deploy/kubernetes. */
export const OVERLAYS = ["single", "ha"] as const;

/** Returns the objects that `kubectl apply -k` would send for a folder of deploy/kubernetes. */
export const kustomized = (folder: string): ClusterObject[] =>
  objectsIn(execFileSync("kubectl", ["kustomize", join(root, "deploy/kubernetes", folder)], { encoding: "utf8" }));

/** Returns the objects of a user's kustomization, which adds components to one of the repository's overlays. */
export function kustomizedWith(overlay: string, ...components: readonly string[]): ClusterObject[] {
  using workplace = new Workplace();
  const from = (part: string): string =>
    relative(realpathSync(workplace.folder), join(root, "deploy/kubernetes", part));
  workplace.write(
    "kustomization.yaml",
    stringify({
      apiVersion: "kustomize.config.k8s.io/v1beta1",
      kind: "Kustomization",
      resources: [from(`overlays/${overlay}`)],
      components: components.map((name) => from(`components/${name}`)),
    }),
  );
  return objectsIn(execFileSync("kubectl", ["kustomize", workplace.folder], { encoding: "utf8" }));
}
