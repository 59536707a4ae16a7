import { CloseButton, Group, TextInput, UnstyledButton } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useState } from "react";
import type { ReactNode } from "react";
import { formatMatcher, parseMatchers } from "./matcher-filter.ts";
import type { Matcher } from "./matcher-filter.ts";
import { Tag } from "../shell/Labels.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./MatcherBar.module.css";

const css = classesOf(styles);

/**
 * Matchers as chips, and a field to add more. Enter adds a matcher, and a click on a chip moves it back into the field.
 * Backspace in the empty field moves the last chip back.
 */
export function MatcherBar({
  label,
  matchers,
  onChange,
  problem,
  required = false,
  action,
}: {
  /** Label for screen readers. */
  label: string;
  matchers: readonly Matcher[];
  onChange: (matchers: readonly Matcher[]) => void;
  problem?: string | undefined;
  /** Whether a form requires at least one matcher. */
  required?: boolean;
  action?: ReactNode;
}) {
  const [text, setText] = useState("");
  const [bad, setBad] = useState(false);
  const add = (): void => {
    const found = parseMatchers(text);
    if (found === null) {
      setBad(true);
      return;
    }
    const known = new Set(matchers.map(formatMatcher));
    const fresh = found.filter((matcher) => !known.has(formatMatcher(matcher)));
    if (fresh.length > 0) onChange([...matchers, ...fresh]);
    setText("");
  };
  const without = (index: number): Matcher[] => matchers.filter((_, at) => at !== index);
  const takeBack = (index: number): void => {
    setText(formatMatcher(matchers[index]!));
    onChange(without(index));
  };
  return (
    <div className="grow">
      <Group gap="xs" align="flex-start">
        <TextInput
          className={css("field")}
          aria-label={label}
          aria-required={required}
          placeholder={'Matcher, such as severity="critical" or env=~"prod|test"'}
          leftSection={<IconFilter size={16} />}
          value={text}
          error={bad ? 'Write matchers like name="value", with = != =~ or !~, separated by commas' : (problem ?? false)}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setBad(false);
          }}
          onBlur={() => {
            // When the field loses focus, a typed matcher is added, since it would be lost otherwise.
            if (text !== "" && parseMatchers(text) !== null) add();
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") {
              event.preventDefault();
              add();
            }
            if (event.key === "Backspace" && text === "" && matchers.length > 0) {
              event.preventDefault();
              takeBack(matchers.length - 1);
            }
          }}
        />
        {action}
      </Group>
      {matchers.length > 0 && (
        <Group gap={6} mt={6} role="list" aria-label="Matchers">
          {matchers.map((matcher, index) => (
            <Tag key={`${formatMatcher(matcher)} ${index}`} role="listitem" className={css("matcher")}>
              <UnstyledButton className={css("text")} title="Edit" onClick={() => takeBack(index)}>
                {formatMatcher(matcher)}
              </UnstyledButton>
              <CloseButton
                size="xs"
                aria-label={`Remove ${formatMatcher(matcher)}`}
                onClick={() => onChange(without(index))}
              />
            </Tag>
          ))}
        </Group>
      )}
    </div>
  );
}
