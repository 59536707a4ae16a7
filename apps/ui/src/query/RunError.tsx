import { Button, Group, Text } from "@mantine/core";
import { use } from "react";
import { ErrorMessage, errorSentence } from "../shell/StatusMessage.tsx";
import { errorHint } from "./error-hint.ts";
import { ExpressionContext } from "./expression-context.ts";

/** Shows why the last run of a query failed. After a change of the text, the error is grey, because it may be fixed. */
export function RunError({ error, expr }: { error: unknown; expr: string }) {
  const { isEdited, onReplace } = use(ExpressionContext);
  if (isEdited) return <ErrorMessage error={error} title="Error of the last run, before the text changed" isPast />;
  const hint = errorHint(expr, errorSentence(error));
  return (
    <ErrorMessage error={error} title="Error executing query">
      {hint !== undefined && (
        <Group gap="xs" mt={4}>
          <Text size="sm">{hint.text}</Text>
          {onReplace !== undefined && (
            <Button size="compact-xs" variant="light" color="red" onClick={() => onReplace(hint.expr)}>
              Add the quotes
            </Button>
          )}
        </Group>
      )}
    </ErrorMessage>
  );
}
