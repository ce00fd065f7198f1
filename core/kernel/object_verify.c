// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/object_verify.h"

#include <bpf/btf.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"

/* The state of the checks of one object. */
struct reading {
	const uint8_t *data;
	size_t size;
	const char *name; /* for messages */
	Elf *elf;
	size_t n_sections, names; /* index of the section with the section names */
	size_t symbols_section; /* index; 0: none */
	GElf_Xword n_symbols;
	struct object_report *report;
	struct failure *failure;
};

/* Why an object is refused. */
static const struct kind {
	int error;
	const char *is, *remedy;
} damaged = { -EBADMSG, "damaged", "Build or copy it again" },
  foreign = { -ENOEXEC, "not a BPF object", "Name a file made by clang -target bpf" };

__attribute__((format(printf, 3, 4))) static int refuse(
	const struct reading *reading, const struct kind *kind, const char *format, ...)
{
	char detail[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	failure_set(reading->failure, kind->error, "%s is %s: %s", reading->name, kind->is, detail);
	return failure_remedy(reading->failure, "%s", kind->remedy);
}

static int too_many(const struct reading *reading, const char *what, uint32_t most)
{
	return failure_set(
		reading->failure, -E2BIG, "%s has more than %u %s", reading->name, most, what);
}

/* --- header ---------------------------------------------------------------------------------- */

static int check_header(struct reading *reading)
{
	const uint16_t one = 1;
	int host_order = *(const uint8_t *)&one == 1 ? ELFDATA2LSB : ELFDATA2MSB;
	GElf_Ehdr header;

	if (elf_kind(reading->elf) != ELF_K_ELF || gelf_getehdr(reading->elf, &header) == NULL)
		return refuse(reading, &foreign, "it is not an ELF file");
	if (header.e_ident[EI_CLASS] != ELFCLASS64)
		return refuse(reading, &foreign, "its ELF class is not 64 bits");
	if (header.e_machine != EM_BPF)
		return refuse(reading, &foreign, "it is an ELF file for another machine (%u)",
			header.e_machine);
	if (header.e_type != ET_REL)
		return refuse(reading, &foreign, "it is not relocatable (type %u)", header.e_type);
	if (header.e_ident[EI_DATA] != host_order)
		return refuse(reading, &foreign, "its byte order is not this machine's");
	if (header.e_shoff > reading->size || header.e_shentsize != sizeof(Elf64_Shdr) ||
		header.e_shnum > (reading->size - header.e_shoff) / sizeof(Elf64_Shdr))
		return refuse(reading, &damaged, "its section table lies beyond its end");
	if (elf_getshdrnum(reading->elf, &reading->n_sections) != 0 ||
		elf_getshdrstrndx(reading->elf, &reading->names) != 0 || reading->n_sections < 2 ||
		reading->names >= reading->n_sections)
		return refuse(reading, &damaged, "it lacks sections or their names");
	return 0;
}

/* --- sections -------------------------------------------------------------------------------- */

/* Reads a section's header, and checks that its bytes lie within the file. */
static int section_header(const struct reading *reading, size_t index, GElf_Shdr *header)
{
	Elf_Scn *section = elf_getscn(reading->elf, index);

	if (section == NULL || gelf_getshdr(section, header) == NULL)
		return refuse(reading, &damaged, "section %zu cannot be read", index);
	if (header->sh_type == SHT_NOBITS
			? header->sh_size > UINT32_MAX
			: header->sh_offset > reading->size ||
				  header->sh_size > reading->size - header->sh_offset)
		return refuse(reading, &damaged, "section %zu lies beyond its end", index);
	return 0;
}

static const uint8_t *section_bytes(const struct reading *reading, const GElf_Shdr *header)
{
	return reading->data + header->sh_offset;
}

static int section_name(
	const struct reading *reading, const GElf_Shdr *header, const char **name, size_t index)
{
	*name = elf_strptr(reading->elf, reading->names, header->sh_name);
	if (*name == NULL || !words_printable(*name))
		return refuse(reading, &damaged, "section %zu has no name", index);
	return 0;
}

static int check_code(const struct reading *reading, const GElf_Shdr *header, const char *name)
{
	if (header->sh_size == 0)
		return 0;
	if (header->sh_size % sizeof(struct bpf_insn) != 0)
		return refuse(reading, &damaged, "section %s is not a whole number of instructions",
			name);
	reading->report->instructions += (uint32_t)(header->sh_size / sizeof(struct bpf_insn));
	return 0;
}

/* GPL-compatible in the kernel: include/linux/license.h, license_is_gpl_compatible(). */
static const char *const licenses[] = { "GPL", "GPL v2", "GPL and additional rights",
	"Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL" };

static int check_license(const struct reading *reading, const GElf_Shdr *header)
{
	const char *text = (const char *)section_bytes(reading, header);
	char *license = reading->report->license;

	if (header->sh_size == 0 || header->sh_size > NAME_LEN ||
		memchr(text, '\0', header->sh_size) == NULL)
		return refuse(reading, &damaged, "its licence is not a terminated string");
	snprintf(license, NAME_LEN, "%s", text);
	for (size_t i = 0; i < sizeof(licenses) / sizeof(licenses[0]); i++)
		if (strcmp(license, licenses[i]) == 0)
			return 0;
	words_make_printable(license);
	failure_set(reading->failure, -EPERM,
		"The licence of %s, \"%s\", does not permit the kernel's helpers", reading->name,
		license);
	return failure_remedy(reading->failure, "Use \"GPL\" or \"Dual BSD/GPL\", for example");
}

/* Checks the lengths in BTF by libbpf. It checks references between types only when it relocates:
 * object_verify_load(). */
static int check_btf(const struct reading *reading, const GElf_Shdr *header)
{
	struct btf *btf = btf__new(section_bytes(reading, header), (uint32_t)header->sh_size);
	int id;

	if (btf == NULL)
		return refuse(reading, &damaged, "its BTF cannot be read (%s)", strerror(errno));
	reading->report->btf_types = btf__type_cnt(btf) - 1;
	id = btf__find_by_name_kind(btf, ".maps", BTF_KIND_DATASEC);
	if (id > 0)
		reading->report->maps = btf_vlen(btf__type_by_id(btf, (uint32_t)id));
	btf__free(btf);
	return 0;
}

static int check_section(struct reading *reading, size_t index)
{
	struct object_report *report = reading->report;
	GElf_Shdr header;
	const char *name = "";
	int error = section_header(reading, index, &header);

	if (error == 0)
		error = section_name(reading, &header, &name, index);
	if (error < 0)
		return error;
	if (report->n_sections == VERIFY_SECTIONS_MAX)
		return too_many(reading, "sections", VERIFY_SECTIONS_MAX);
	struct verified_section *section = &report->sections[report->n_sections++];
	snprintf(section->name, sizeof(section->name), "%s", name);
	section->bytes = header.sh_size;
	section->code = header.sh_type == SHT_PROGBITS && header.sh_flags & SHF_EXECINSTR;
	if (header.sh_type == SHT_SYMTAB) {
		reading->symbols_section = index;
		reading->n_symbols = header.sh_size / sizeof(Elf64_Sym);
	}
	if (section->code)
		return check_code(reading, &header, name);
	if (header.sh_type != SHT_PROGBITS)
		return 0;
	if (strcmp(name, "license") == 0)
		return check_license(reading, &header);
	if (strcmp(name, ".BTF") == 0)
		return check_btf(reading, &header);
	report->btf_ext |= strcmp(name, ".BTF.ext") == 0;
	return 0;
}

/* --- symbols --------------------------------------------------------------------------------- */

static int add_function(
	struct reading *reading, const GElf_Sym *symbol, const char *name, const char *section)
{
	struct object_report *report = reading->report;

	if (report->n_functions == VERIFY_FUNCTIONS_MAX)
		return too_many(reading, "functions", VERIFY_FUNCTIONS_MAX);
	struct verified_function *function = &report->functions[report->n_functions++];
	snprintf(function->name, sizeof(function->name), "%s", name);
	snprintf(function->section, sizeof(function->section), "%s", section);
	function->instructions = (uint32_t)(symbol->st_size / sizeof(struct bpf_insn));
	return 0;
}

static int check_symbol(struct reading *reading, const GElf_Shdr *table, uint32_t index)
{
	GElf_Shdr header;
	GElf_Sym symbol;
	const char *name, *section = NULL;

	/* Within n_symbols, which section_header() has checked; in the host's layout. */
	memcpy(&symbol, section_bytes(reading, table) + index * sizeof(symbol), sizeof(symbol));
	name = elf_strptr(reading->elf, table->sh_link, symbol.st_name);
	if (name == NULL || !words_printable(name))
		return refuse(reading, &damaged, "symbol %u has no name", index);
	if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= SHN_LORESERVE)
		return 0;
	if (symbol.st_shndx >= reading->n_sections)
		return refuse(reading, &damaged, "symbol %u is in no section", index);
	int error = section_header(reading, symbol.st_shndx, &header);
	if (error == 0)
		error = section_name(reading, &header, &section, symbol.st_shndx);
	if (error < 0)
		return error;
	if (symbol.st_value > header.sh_size || symbol.st_size > header.sh_size - symbol.st_value)
		return refuse(reading, &damaged, "symbol %u lies beyond its section", index);
	if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || GELF_ST_BIND(symbol.st_info) != STB_GLOBAL)
		return 0;
	if (symbol.st_value % sizeof(struct bpf_insn) != 0 ||
		symbol.st_size % sizeof(struct bpf_insn) != 0 || symbol.st_size == 0)
		return refuse(reading, &damaged, "function %u is not made of instructions", index);
	return add_function(reading, &symbol, name, section);
}

static int check_symbols(struct reading *reading)
{
	GElf_Shdr table;

	if (reading->symbols_section == 0)
		return refuse(reading, &damaged, "it has no symbols");
	int error = section_header(reading, reading->symbols_section, &table);
	if (error < 0)
		return error;
	for (uint32_t i = 1; i < reading->n_symbols && error == 0; i++)
		error = check_symbol(reading, &table, i);
	reading->report->symbols = reading->n_symbols > 0 ? (uint32_t)reading->n_symbols - 1 : 0;
	if (error == 0 && reading->report->n_functions == 0)
		return refuse(reading, &damaged, "it has no program");
	return error;
}

/* --- relocations ----------------------------------------------------------------------------- */

static int check_relocation(const struct reading *reading, const GElf_Shdr *table,
	const GElf_Shdr *target, uint64_t index)
{
	Elf64_Rel relocation;

	memcpy(&relocation, section_bytes(reading, table) + index * sizeof(relocation),
		sizeof(relocation));
	if (relocation.r_offset >= target->sh_size)
		return refuse(reading, &damaged, "a relocation lies beyond its section");
	if (ELF64_R_SYM(relocation.r_info) >= reading->n_symbols)
		return refuse(reading, &damaged, "a relocation names no symbol");
	return 0;
}

static int check_relocations(struct reading *reading, size_t index)
{
	GElf_Shdr table, target;
	int error = section_header(reading, index, &table);

	if (error < 0 || (table.sh_type != SHT_REL && table.sh_type != SHT_RELA))
		return error;
	if (table.sh_type == SHT_RELA)
		return refuse(reading, &foreign,
			"it has relocations with addends, which clang never makes");
	if (table.sh_info == 0 || table.sh_info >= reading->n_sections ||
		table.sh_link != reading->symbols_section)
		return refuse(reading, &damaged, "its relocations belong to no section");
	error = section_header(reading, table.sh_info, &target);
	uint64_t n = table.sh_size / sizeof(Elf64_Rel);
	for (uint64_t i = 0; i < n && error == 0; i++)
		error = check_relocation(reading, &table, &target, i);
	reading->report->relocations += (uint32_t)n;
	reading->report->sections[table.sh_info - 1].relocations += (uint32_t)n;
	return error;
}

/* --- all checks ------------------------------------------------------------------------------ */

static int check_all(struct reading *reading)
{
	int error = check_header(reading);

	for (size_t i = 1; error == 0 && i < reading->n_sections; i++)
		error = check_section(reading, i);
	if (error == 0)
		error = check_symbols(reading);
	for (size_t i = 1; error == 0 && i < reading->n_sections; i++)
		error = check_relocations(reading, i);
	if (error < 0)
		return error;
	if (reading->report->license[0] == '\0')
		return refuse(reading, &damaged, "it has no licence");
	if (reading->report->btf_types == 0) {
		failure_set(reading->failure, -EBADMSG, "%s has no BTF", reading->name);
		return failure_remedy(reading->failure, "Compile it with clang -g");
	}
	return 0;
}

int object_verify(const void *data, size_t size, const char *name, struct object_report *report,
	struct failure *failure)
{
	struct reading reading = {
		.data = data, .size = size, .name = name, .report = report, .failure = failure
	};

	memset(report, 0, sizeof(*report));
	if (size == 0)
		return failure_set(failure, -ENODATA, "%s is empty", name);
	/* libelf needs a writable image: it may swap bytes in place. */
	char *image = malloc(size);
	if (image == NULL || elf_version(EV_CURRENT) == EV_NONE) {
		free(image);
		return failure_set(failure, -ENOMEM, "Not enough memory to verify %s", name);
	}
	memcpy(image, data, size);
	reading.elf = elf_memory(image, size);
	int error = reading.elf == NULL ? refuse(&reading, &foreign, "it is not an ELF file")
					: check_all(&reading);
	elf_end(reading.elf);
	free(image);
	return error;
}
