import type { Integration } from "../api/alertmanager.ts";

/** Returns the name of an integration with its target: `email to ann@example.org`, or `email[0]` without a target. */
export const integrationText = ({ name, index, target }: Integration): string =>
  target === undefined ? `${name}[${index}]` : `${name} to ${target}`;
