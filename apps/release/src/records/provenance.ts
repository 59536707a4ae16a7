import type { Source } from "../source.ts";

export interface Digested {
  readonly name: string;
  readonly sha256: string;
}

export interface Material {
  readonly uri: string;
  /** Digests in hexadecimal digits, by algorithm. */
  readonly digest: Readonly<Record<string, string>>;
}

export interface Build {
  readonly source: Source;
  readonly version: string;
  /** Requested targets. */
  readonly targets: readonly string[];
  readonly formats: readonly string[];
  /** Inputs of the build other than the sources. */
  readonly materials: readonly Material[];
  /** Version of the Node that ran the build: its zlib determines the bytes of archives. */
  readonly builtOn: string;
}

/**
 * Returns an in-toto statement with SLSA provenance 1.0: the sources and other inputs of these files, and how they were
 * built. The statement is not signed and contains no time or machine, so that a repeated build gives the same text.
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
