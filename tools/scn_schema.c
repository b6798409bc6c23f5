/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The JSON Schema (draft-07, which editors' YAML servers read) of the format, from the key tables
 * that the loader converts files with. It is what a completion needs: names, choices and shapes;
 * what a name means in a given file only the loader knows.
 */
#include <jansson.h>
#include <string.h>

#include "scn.h"

#define REF(name) json_pack("{s:s}", "$ref", "#/definitions/" name)

static json_t *map_schema(const struct key_set *set);

static json_t *words_schema(const char *const *words)
{
    json_t *list = json_array();

    for (unsigned i = 0; words[i]; i++)
        json_array_append_new(list, json_string(words[i]));
    return json_pack("{s:o}", "enum", list);
}

/* A value that is usually one of the constants of a group, but may be any expression. */
static json_t *value_schema(enum group group)
{
    json_t *list;

    if (group == GROUP_NUMBER || group == GROUP_ANY)
        return REF("value");
    list = json_array();
    for (unsigned i = 0; i < scn_constant_count; i++) {
        if (scn_constants[i].group == group)
            json_array_append_new(list, json_string(scn_constants[i].name));
    }
    return json_pack("{s:[{s:o}, o]}", "anyOf", "enum", list, REF("value"));
}

static json_t *free_map(json_t *values)
{
    return json_pack("{s:s, s:o}", "type", "object", "additionalProperties", values);
}

static json_t *list_of(json_t *items)
{
    return json_pack("{s:s, s:o}", "type", "array", "items", items);
}

static json_t *either(json_t *a, json_t *b)
{
    return json_pack("{s:[o, o]}", "anyOf", a, b);
}

static json_t *one_or_list(json_t *items)
{
    return either(items, list_of(json_incref(items)));
}

static json_t *form_schema(enum key_form form)
{
    switch (form) {
    case FORM_VALUES: return one_or_list(REF("value"));
    case FORM_VALUE_MAP: return either(free_map(REF("value")), list_of(REF("value")));
    case FORM_FIELD_MAP: return free_map(REF("field"));
    case FORM_TEXT_MAP: return free_map(json_pack("{s:s}", "type", "string"));
    case FORM_TEXTS: return one_or_list(json_pack("{s:s}", "type", "string"));
    case FORM_STATUS: return REF("status");
    case FORM_STATUSES: return list_of(REF("status"));
    case FORM_STEPS: return list_of(REF("step"));
    case FORM_DURING: return list_of(map_schema(&scn_during_keys));
    case FORM_RANGES: return one_or_list(map_schema(&scn_range_keys));
    case FORM_GRANULES:
        return free_map(json_pack("{s:[{s:s}, o, o]}", "anyOf", "type", "null", REF("value"),
                                  map_schema(&scn_granule_keys)));
    case FORM_USE:
        return one_or_list(either(json_pack("{s:s}", "type", "string"), map_schema(&scn_use_keys)));
    case FORM_CODE:
        return free_map(either(json_pack("{s:s}", "type", "string"), map_schema(&scn_code_keys)));
    case FORM_SCRIPT:
        return free_map(
            either(REF("ops"), free_map(either(REF("ops"), map_schema(&scn_section_keys)))));
    case FORM_OPS: return REF("ops");
    case FORM_NOTHING: return json_pack("{s:s}", "type", "null");
    case FORM_NUMBER: return json_pack("{s:[{s:s}, o]}", "anyOf", "type", "null", REF("value"));
    default: return json_object();
    }
}

static json_t *key_schema(const struct key *k)
{
    json_t *j;

    switch (k->type) {
    case KEY_VALUE: j = value_schema(k->group); break;
    case KEY_NUMBER: j = REF("value"); break;
    case KEY_BOOL: j = json_pack("{s:s}", "type", "boolean"); break;
    case KEY_CHOICE: j = words_schema(k->choices); break;
    case KEY_BYTES: j = REF("bytes"); break;
    case KEY_TEXT: j = json_pack("{s:[s, s]}", "type", "string", "number"); break;
    case KEY_MAP: j = map_schema(k->sub); break;
    default: j = form_schema(k->form); break;
    }
    if (k->doc && k->doc[0]) {
        /* draft-07 ignores what stands beside a $ref */
        if (json_object_get(j, "$ref"))
            j = json_pack("{s:[o]}", "allOf", j);
        json_object_set_new(j, "description", json_string(k->doc));
    }
    return j;
}

static json_t *map_schema(const struct key_set *set)
{
    json_t *properties = json_object(), *required = json_array();
    json_t *j = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties,
                          "additionalProperties", 0);

    for (unsigned i = 0; i < set->num; i++) {
        json_object_set_new(properties, set->keys[i].name, key_schema(&set->keys[i]));
        if (set->keys[i].required)
            json_array_append_new(required, json_string(set->keys[i].name));
    }
    if (json_array_size(required)) {
        json_object_set_new(j, "required", required);
        return j;
    }
    json_decref(required);
    /* `irq:` alone: where nothing is required, nothing need be said. */
    json_object_set_new(j, "type", json_pack("[s, s]", "object", "null"));
    return j;
}

/* By name, in order, or the first one alone. */
static json_t *arguments_schema(const struct key_set *set)
{
    json_t *list;

    if (set->num == 0)
        return json_pack("{s:s}", "type", "null");
    list = json_array();
    json_array_append_new(list, map_schema(set));
    if (set->positional) {
        json_array_append_new(list, json_pack("{s:s, s:o, s:i}", "type", "array", "items",
                                              REF("value"), "maxItems", (int)set->num));
        if (set->num == 1 || !set->keys[1].required)
            json_array_append_new(list, REF("value"));
    }
    return json_pack("{s:o}", "anyOf", list);
}

static void describe(json_t *j, const char *fmt, const char *a, const char *b)
{
    json_object_set_new(j, "description", json_sprintf(fmt, a, b));
}

static void add_command(json_t *properties, const char *prefix, const struct abi_command *c)
{
    struct key keys[ABI_MAX_ARGS];
    struct key_set set;
    char name[64];
    json_t *j;

    scn_command_keys(c, keys, &set);
    j = arguments_schema(&set);
    snprintf(name, sizeof(name), "%s_%s", abi_command_interface(c), c->name);
    describe(j, "%s (DEN0137 %s)", name, c->section);
    snprintf(name, sizeof(name), "%s%s", prefix, c->name);
    json_object_set_new(properties, name, j);
}

/* Adds {"required": [name]}: a step must have one of its kinds. */
static void add_kind(json_t *kinds, const char *name)
{
    json_array_append_new(kinds, json_pack("{s:[s]}", "required", name));
}

static json_t *step_schema(void)
{
    json_t *properties = json_object(), *kinds = json_array(), *j;

    for (size_t i = 0; i < abi_rmi_command_count; i++) {
        add_command(properties, "", &abi_rmi_commands[i]);
        add_kind(kinds, abi_rmi_commands[i].name);
    }
    for (unsigned i = 0; i < scn_step_type_count; i++) {
        j = arguments_schema(&scn_step_types[i]->set);
        describe(j, "%s%s", scn_step_types[i]->doc, "");
        json_object_set_new(properties, scn_step_types[i]->name, j);
        add_kind(kinds, scn_step_types[i]->name);
    }
    j = map_schema(&scn_repeat_keys);
    describe(j, "%s%s", "steps that are done several times", "");
    json_object_set_new(properties, "repeat", j);
    add_kind(kinds, "repeat");
    for (unsigned i = 0; i < scn_beside_count; i++)
        json_object_set_new(properties, scn_beside[i].key.name, key_schema(&scn_beside[i].key));
    return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "oneOf",
                     kinds, "additionalProperties", 0);
}

static json_t *op_schema(void)
{
    json_t *properties = json_object(), *j;

    for (unsigned i = 0; i < scn_op_count; i++) {
        j = scn_ops[i].set.num ? arguments_schema(&scn_ops[i].set) : form_schema(scn_ops[i].form);
        if (json_object_get(j, "$ref"))
            j = json_pack("{s:[o]}", "allOf", j);
        describe(j, "%s%s", scn_ops[i].doc, "");
        json_object_set_new(properties, scn_ops[i].name, j);
    }
    j = json_pack("{s:s}", "type", "string");
    describe(j, "%s%s", "a name for the address of the next operation, in this script", "");
    json_object_set_new(properties, "label", j);
    for (size_t i = 0; i < abi_rsi_command_count; i++) {
        add_command(properties, "", &abi_rsi_commands[i]);
        add_command(properties, "RSI_", &abi_rsi_commands[i]);
    }
    for (size_t i = 0; i < abi_psci_command_count; i++)
        add_command(properties, "PSCI_", &abi_psci_commands[i]);
    return json_pack("{s:s, s:o, s:i, s:i, s:b}", "type", "object", "properties", properties,
                     "minProperties", 1, "maxProperties", 1, "additionalProperties", 0);
}

static json_t *status_schema(void)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < RMI_STATUS_COUNT; i++)
        json_array_append_new(list, json_string(rmi_status_name(i)));
    json_array_append_new(list, json_string("NOT_SUPPORTED"));
    json_array_append_new(list, json_string("any"));
    return json_pack("{s:[{s:o}, {s:s, s:s}]}", "anyOf", "enum", list, "type", "string", "pattern",
                     "^(RMI_)?(SUCCESS|ERROR_(INPUT|REALM|REC|RTT))(/[0-9]+)?$");
}

static json_t *definitions(void)
{
    return json_pack(
        "{s:o, s:{s:[s, s], s:s}, s:{s:[s, s], s:s}, s:o, s:o, s:{s:s, s:o}}", "status",
        status_schema(), "value", "type", "string", "integer", "description",
        "a number (12, 0x1000, 4K), a name (rd, rtt.1), or arithmetic with + - * and parentheses",
        "bytes", "type", "string", "number", "description", "hexadecimal digits, as \"00 ff\"",
        "field",
        either(REF("value"), json_pack("{s:s, s:{s:o, s:o}, s:[s, s], s:b}", "type", "object",
                                       "properties", "value", REF("value"), "mask", REF("value"),
                                       "required", "value", "mask", "additionalProperties", 0)),
        "step", step_schema(), "ops", "type", "array", "items", op_schema());
}

char *scenario_schema(void)
{
    json_t *j = map_schema(&scn_top_keys), *top;
    char *text, *out = NULL;
    size_t len;

    top = json_pack("{s:s, s:s, s:s}", "$schema", "http://json-schema.org/draft-07/schema#",
                    "title", "ccasim scenario", "description",
                    "A scenario of ccasim, format version 1 (docs/scenarios.md)");
    json_object_update(top, j);
    json_decref(j);
    json_object_set_new(top, "definitions", definitions());
    text = json_dumps(top, JSON_INDENT(1));
    json_decref(top);
    if (!text)
        return NULL;
    len = strlen(text);
    out = malloc(len + 2);
    if (out) {
        memcpy(out, text, len);
        memcpy(out + len, "\n", 2);
    }
    free(text);
    return out;
}
