import type { Source } from "../source.ts";

/** A file by its digest. */
export interface Digested {
  readonly name: string;
  readonly sha256: string;
}

/** Something that a build takes in. */
export interface Material {
  readonly uri: string;
  /** By algorithm, in hexadecimal digits. */
  readonly digest: Readonly<Record<string, string>>;
}

export interface Build {
  readonly source: Source;
  readonly version: string;
  /** What was asked for. */
  readonly targets: readonly string[];
  readonly formats: readonly string[];
  /** Besides the sources. */
  readonly materials: readonly Material[];
  /** Version of the Node that the build ran on: its zlib makes the bytes of archives. */
  readonly builtOn: string;
}

/**
 * An in-toto statement with SLSA's provenance 1.0: which sources and what else became these files, and how. It is not
 * signed, and names no time or machine, so that whoever repeats the build gets the same text.
 */
export function provenance(subjects: readonly Digested[], build: Build): string {
  const { source, version, targets, formats, materials, builtOn } = build;
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "urn:narthex:build:pnpm-release:1",
        externalParameters: { version, targets, formats },
        internalParameters: {
          SOURCE_DATE_EPOCH: source.epoch,
          node: builtOn,
          ...(source.isModified && { modified: true }),
        },
        resolvedDependencies: [
          { uri: `urn:narthex:source:${source.revision}`, digest: { gitCommit: source.revision } },
          ...materials,
        ],
      },
      runDetails: { builder: { id: "urn:narthex:builder:pnpm-release" } },
    },
  };
  return `${JSON.stringify(statement, null, 2)}\n`;
}
