// The node as a library: what the bare package name gives.
export { type Config, readConfig } from './config.ts';
export { ConfigError } from './config-error.ts';
export { type Node, startNode } from './node.ts';
