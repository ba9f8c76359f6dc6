import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readConfiguration } from '../../infra/config.ts';
import type { Entry } from '../../infra/entry.ts';
import { FEATURE_FLAGS } from '../../infra/flags.ts';
import { CniMetricsStack } from '../../infra/stack.ts';

const [example] = readConfiguration('clusters.example.json');
if (example === undefined) throw new Error('clusters.example.json is empty');

/** The entry of clusters.example.json. */
export const EXAMPLE: Entry = example;

/** An app as infra/app.ts makes it; `bundling-stacks` keeps assets out of tests. */
export function checkedApp(): App {
  const app = new App({ context: { ...FEATURE_FLAGS, 'aws:cdk:bundling-stacks': [] } });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

/** Code that needs no bundle, so that no template depends on the function's sources. */
export const INLINE_CODE = Code.fromInline('exports.handler = async () => {};');

/** The template of the example with `changes`, synthesized and checked as `cdk synth` does it. */
export function templateOf(changes: Partial<Entry> = {}): Template {
  return checkedTemplate(new CniMetricsStack(checkedApp(), { ...EXAMPLE, ...changes }, INLINE_CODE));
}

/** @throws Error for every finding of the built-in validator and of cdk-nag, warnings included */
export function checkedTemplate(stack: Stack): Template {
  const app = stack.node.root;
  if (!App.isApp(app)) throw new Error(`${stack.stackName} is not part of an app`);
  const { directory } = app.synth();
  const report = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8'));
  const findings = report.pluginReports.flatMap((plugin: { violations: unknown[] }) => plugin.violations);
  if (findings.length > 0) throw new Error(JSON.stringify(findings, null, 2));
  return Template.fromStack(stack);
}

/** The properties of all resources of a type, with intrinsics as `<Name.Attribute>` in plain strings. */
export function resourcesOf(template: Template, type: string): Record<string, Json>[] {
  return Object.values(template.findResources(type)).map(({ Properties }) => Object(plain(Properties)));
}

/** Of the template with `changes`, the one resource of a type. @throws Error unless there is exactly one */
export function onlyResource(changes: Partial<Entry>, type: string): Record<string, Json> {
  const [resource, ...more] = resourcesOf(templateOf(changes), type);
  if (resource === undefined || more.length > 0)
    throw new Error(`${resource ? more.length + 1 : 0} resources of type ${type}`);
  return resource;
}

/** Outputs by name, with intrinsics as in `resourcesOf`. */
export function outputsOf(template: Template): Record<string, { value: Json; description: string }> {
  return Object.fromEntries(
    Object.entries(template.findOutputs('*')).map(([name, { Value, Description }]) => [
      name,
      { value: plain(Value), description: Description },
    ]),
  );
}

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Logical ids lose their hash and what all have in common: `CniMetricsFunctionRoleF923B676` is `FunctionRole`. */
const nameOf = (logicalId: string) => logicalId.replace(/^CniMetrics/, '').replace(/[0-9A-F]{8}$/, '');

function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  const [[key, inner] = ['', null], ...more] = Object.entries(value);
  if (more.length === 0) {
    if (key === 'Ref') return `<${nameOf(String(inner))}>`;
    if (key === 'Fn::GetAtt' && Array.isArray(inner)) return `<${nameOf(String(inner[0]))}.${inner[1]}>`;
    if (key === 'Fn::Join' && Array.isArray(inner) && Array.isArray(inner[1]))
      return inner[1].map(plain).join('');
  }
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}
