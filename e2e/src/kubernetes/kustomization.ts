import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../support/running.ts";
import { type ClusterObject, objectsIn } from "./cluster-object.ts";

/** The overlays of deploy/kubernetes. */
export const OVERLAYS = ["single", "ha"] as const;

/** What `kubectl apply -k` would send of a folder of deploy/kubernetes. */
export const kustomized = (folder: string): ClusterObject[] =>
  objectsIn(execFileSync("kubectl", ["kustomize", join(root, "deploy/kubernetes", folder)], { encoding: "utf8" }));
