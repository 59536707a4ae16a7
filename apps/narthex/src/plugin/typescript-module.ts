/** A function of a template: a comment with the type of the contract, and the first line of the function. */
const FUNCTION =
  /\/\*\* @type \{import\("\.\/narthex-plugin\.d\.ts"\)\.(\w+)\["(\w+)"\]\} \*\/\nexport (async )?function \w+\((.*)\) \{/g;

/** Returns the module of a template in TypeScript. The types of the contract become those of constants. */
export function inTypescript(module: string): string {
  const types = new Set<string>();
  const body = module
    .replace("// @ts-check\n\n", "")
    .replaceAll(FUNCTION, (_, type: string, name: string, isAsync: string | undefined, parameters: string) => {
      types.add(type);
      return `export const ${name}: ${type}["${name}"] = ${isAsync ?? ""}(${parameters}) => {`;
    })
    .replaceAll(/\n\}\n/g, "\n};\n");
  return `import type { ${[...types].join(", ")} } from "./narthex-plugin.d.ts";\n\n${body}`;
}
