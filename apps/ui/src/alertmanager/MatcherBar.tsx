import { CloseButton, Group, TextInput } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useState } from "react";
import { formatMatcher, parseMatchers } from "./matcher-filter.ts";
import type { Matcher } from "./matcher-filter.ts";

/** Matchers as chips and a field for more: Enter adds, Backspace in the empty field takes the last one back. */
export function MatcherBar({
  matchers,
  onChange,
}: {
  matchers: readonly Matcher[];
  onChange: (matchers: readonly Matcher[]) => void;
}) {
  const [text, setText] = useState("");
  const [bad, setBad] = useState(false);
  const add = (): void => {
    const found = parseMatchers(text);
    if (found === null) {
      setBad(true);
      return;
    }
    if (found.length > 0) onChange([...matchers, ...found]);
    setText("");
  };
  return (
    <div className="grow">
      <TextInput
        aria-label="Filter alerts"
        placeholder={'Matcher, such as severity="critical" or env=~"prod|test"'}
        leftSection={<IconFilter size={16} />}
        value={text}
        error={bad && 'Write matchers like name="value", with = != =~ or !~, separated by commas'}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setBad(false);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") add();
          if (event.key === "Backspace" && text === "" && matchers.length > 0) onChange(matchers.slice(0, -1));
        }}
      />
      {matchers.length > 0 && (
        <Group gap={6} mt={6} role="list" aria-label="Matchers">
          {matchers.map((matcher, index) => (
            <span key={`${formatMatcher(matcher)} ${index}`} role="listitem" className="label-tag matcher-chip">
              {formatMatcher(matcher)}
              <CloseButton
                size="xs"
                aria-label={`Remove ${formatMatcher(matcher)}`}
                onClick={() => onChange(matchers.filter((_, at) => at !== index))}
              />
            </span>
          ))}
        </Group>
      )}
    </div>
  );
}
