import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readConfiguration } from './config.ts';
import { FEATURE_FLAGS } from './flags.ts';
import { CniMetricsStack } from './stack.ts';

const app = new App({ context: FEATURE_FLAGS });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
for (const entry of readConfiguration(app.node.tryGetContext('config'))) new CniMetricsStack(app, entry);
