// All scenarios of the table.
import { classes } from './classes.ts'
import { code } from './code.ts'
import { types } from './language.ts'
import { modules } from './modules.ts'
import { edited, redeclared } from './redeclared.ts'
import type { Scenario } from './scenario.ts'

export const SCENARIOS: readonly Scenario[] = [types, classes, code, modules, redeclared, edited]
