/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RIM and REM: how each operation extends a measurement (A7.1, B4.3.1.4, B4.3.9.4, B4.3.12.4,
 * B4.3.18.4).
 */
#include <string.h>

#include "spec_internal.h"

/*
 * B4.3.9.4: hash of a zero-filled RmiRealmParams with these fields copied. RPV, VMID and RTTs do
 * not count.
 */
void spec_rim_init(struct spec_rnode *r, const struct spec_realm_params *p)
{
    uint8_t measured[GRANULE_SIZE] = {0};

    spec_store(measured, REALM_PARAMS_FLAGS, 8, p->flags);
    measured[REALM_PARAMS_S2SZ] = p->s2sz;
    measured[REALM_PARAMS_SVE_VL] = p->sve_vl;
    measured[REALM_PARAMS_NUM_BPS] = p->num_bps;
    measured[REALM_PARAMS_NUM_WPS] = p->num_wps;
    measured[REALM_PARAMS_PMU_NUM_CTRS] = p->pmu_num_ctrs;
    measured[REALM_PARAMS_HASH_ALGO] = p->hash_algo;
    spec_digest(r->pub.hash_algo, measured, sizeof(measured), r->pub.measurement[0]);
}

static void descriptor_start(const struct spec_rnode *r, unsigned type,
                             uint8_t desc[MEAS_DESC_SIZE])
{
    memset(desc, 0, MEAS_DESC_SIZE);
    desc[MEAS_DESC_TYPE] = (uint8_t)type;
    spec_store(desc, MEAS_DESC_LEN, 8, MEAS_DESC_SIZE);
    memcpy(desc + MEAS_DESC_RIM, r->pub.measurement[0], MEASUREMENT_SIZE);
}

static void descriptor_finish(struct spec_rnode *r, const uint8_t desc[MEAS_DESC_SIZE])
{
    spec_digest(r->pub.hash_algo, desc, MEAS_DESC_SIZE, r->pub.measurement[0]);
}

void spec_rim_extend_data(struct spec_rnode *r, uint64_t ipa, uint64_t flags,
                          const uint8_t page[GRANULE_SIZE])
{
    uint8_t desc[MEAS_DESC_SIZE];

    descriptor_start(r, MEAS_DESC_TYPE_DATA, desc);
    spec_store(desc, MEAS_DESC_ARG0, 8, ipa);
    spec_store(desc, MEAS_DESC_ARG1, 8, flags);
    if (flags & 1) /* RMI_MEASURE_CONTENT */
        spec_digest(r->pub.hash_algo, page, GRANULE_SIZE, desc + MEAS_DESC_CONTENT);
    descriptor_finish(r, desc);
}

void spec_rim_extend_rec(struct spec_rnode *r, const struct spec_rec_params *p)
{
    uint8_t measured[GRANULE_SIZE] = {0};
    uint8_t desc[MEAS_DESC_SIZE];

    spec_store(measured, REC_PARAMS_FLAGS, 8, p->flags);
    spec_store(measured, REC_PARAMS_PC, 8, p->pc);
    for (unsigned i = 0; i < REC_NUM_CREATE_GPRS; i++)
        spec_store(measured, REC_PARAMS_GPRS + 8 * i, 8, p->gprs[i]);
    descriptor_start(r, MEAS_DESC_TYPE_REC, desc);
    /*
     * C1.12: `content` follows `rim` directly, where the other descriptors have their first
     * argument.
     */
    spec_digest(r->pub.hash_algo, measured, sizeof(measured), desc + MEAS_DESC_ARG0);
    descriptor_finish(r, desc);
}

void spec_rim_extend_ripas(struct spec_rnode *r, uint64_t base, uint64_t top)
{
    uint8_t desc[MEAS_DESC_SIZE];

    descriptor_start(r, MEAS_DESC_TYPE_RIPAS, desc);
    spec_store(desc, MEAS_DESC_ARG0, 8, base);
    spec_store(desc, MEAS_DESC_ARG1, 8, top);
    descriptor_finish(r, desc);
}

/*
 * B3.42 RemExtend. The text does not say how wide the hashed old value is, nor whether the zero
 * padding of the new one is hashed; expected is old value (hash size) followed by `size` bytes of
 * the new one (rmm-1.0.md 1.13 [S?]).
 */
void spec_rem_extend(struct spec_rnode *r, unsigned index, const uint8_t *value, size_t size)
{
    size_t width = r->pub.hash_algo == HASH_SHA_512 ? 64 : 32;
    uint8_t input[2 * MEASUREMENT_SIZE];

    memcpy(input, r->pub.measurement[index], width);
    memcpy(input + width, value, size);
    spec_digest(r->pub.hash_algo, input, width + size, r->pub.measurement[index]);
}
