export interface CaseReport {
  readonly name: string;
  readonly failures: readonly string[];
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "\n": "&#xA;",
};

const escaped = (text: string): string => text.replaceAll(/[&<>"\n]/g, (char) => ENTITIES[char]!);

/** Returns a JUnit report of test files. */
export function junitXml(suites: readonly { readonly file: string; readonly cases: readonly CaseReport[] }[]): string {
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"];
  for (const { file, cases } of suites) {
    const failed = cases.filter(({ failures }) => failures.length > 0).length;
    lines.push(`  <testsuite name="${escaped(file)}" tests="${cases.length}" failures="${failed}" errors="0">`);
    for (const { name, failures } of cases) {
      if (failures.length === 0) lines.push(`    <testcase name="${escaped(name)}"></testcase>`);
      else {
        lines.push(`    <testcase name="${escaped(name)}">`);
        for (const failure of failures) lines.push(`      <failure message="" type="">${escaped(failure)}</failure>`);
        lines.push("    </testcase>");
      }
    }
    lines.push("  </testsuite>");
  }
  return `${[...lines, "</testsuites>"].join("\n")}\n`;
}
