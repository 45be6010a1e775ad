"""Whatever parameters, keys and data come together: a result, or a refusal. Nothing else comes out, and nothing takes long."""

from __future__ import annotations

import contextlib
import os

from hypothesis import given, settings
from hypothesis import strategies as st
from kmip_server.crypto.derivation import DERIVATIONS, Base, derived
from kmip_server.crypto.macs import mac
from kmip_server.crypto.symmetric import Job, transformed
from kmip_server.enums import BlockCipherMode, CryptographicAlgorithm, HashingAlgorithm, PaddingMethod
from kmip_server.errors import KmipFailure
from kmip_server.messages import CryptographicParameters

NUMBERS = st.one_of(
    st.none(), st.sampled_from([-(2**31), -1, 0, 1, 8, 12, 16, 32, 64, 96, 128, 2**31 - 1]), st.integers(-(2**31), 2**31 - 1)
)
LENGTHS = st.sampled_from([0, 1, 5, 7, 8, 12, 15, 16, 17, 24, 31, 32, 33, 48, 64, 200])
BYTES = LENGTHS.map(lambda length: bytes(range(length)))


def any_of(enumeration):
    return st.one_of(st.none(), st.sampled_from(list(enumeration)))


PARAMETERS = st.builds(
    CryptographicParameters,
    block_cipher_mode=any_of(BlockCipherMode),
    padding_method=any_of(PaddingMethod),
    hashing_algorithm=any_of(HashingAlgorithm),
    cryptographic_algorithm=any_of(CryptographicAlgorithm),
    random_iv=st.sampled_from([None, False, True]),
    iv_length=NUMBERS,
    tag_length=NUMBERS,
    fixed_field_length=NUMBERS,
    invocation_field_length=NUMBERS,
    counter_length=NUMBERS,
    initial_counter_value=NUMBERS,
)
JOBS = st.builds(
    Job,
    algorithm=st.sampled_from(list(CryptographicAlgorithm)),
    key=BYTES,
    parameters=PARAMETERS,
    encrypt=st.booleans(),
    random=st.just(os.urandom),
    iv=st.one_of(st.none(), BYTES),
    additional_data=BYTES,
    tag=st.one_of(st.none(), BYTES),
    tag_follows=st.booleans(),
)
LIKELY = st.builds(
    Job,
    algorithm=st.sampled_from(
        [CryptographicAlgorithm.AES, CryptographicAlgorithm.TRIPLE_DES, CryptographicAlgorithm.CHACHA20, CryptographicAlgorithm.CAMELLIA]
    ),
    key=st.sampled_from([bytes(range(16)), bytes(range(24)), bytes(range(32)), bytes(64)]),
    parameters=st.builds(
        CryptographicParameters, block_cipher_mode=any_of(BlockCipherMode), padding_method=any_of(PaddingMethod), random_iv=st.booleans()
    ),
    encrypt=st.booleans(),
    random=st.just(os.urandom),
    iv=st.one_of(st.none(), BYTES),
    tag=st.one_of(st.none(), BYTES),
)


@settings(max_examples=400, deadline=2000)
@given(st.one_of(JOBS, LIKELY), BYTES)
def test_ciphers(job, data):
    try:
        result, iv, tag = transformed(job, data)
    except KmipFailure:
        return
    assert isinstance(result, bytes)
    assert iv is None or (job.iv is None and job.encrypt)
    if job.encrypt and not job.tag_follows:
        again = Job(
            algorithm=job.algorithm,
            key=job.key,
            parameters=job.parameters,
            encrypt=False,
            random=job.random,
            iv=iv or job.iv,
            additional_data=job.additional_data,
            tag=tag,
        )
        back = transformed(again, result)[0]
        assert back == data or (job.parameters.padding_method is PaddingMethod.ZEROS and data.startswith(back))


@settings(max_examples=200, deadline=2000)
@given(any_of(CryptographicAlgorithm), BYTES, PARAMETERS, BYTES)
def test_macs(algorithm, key, parameters, data):
    with contextlib.suppress(KmipFailure):
        context = mac(algorithm, key, parameters)
        context.update(data)
        assert context.digest()


@settings(max_examples=200, deadline=2000)
@given(
    st.sampled_from(list(DERIVATIONS)),
    st.builds(
        Base,
        key=BYTES,
        algorithm=any_of(CryptographicAlgorithm),
        parameters=PARAMETERS,
        random=st.just(os.urandom),
        data=st.lists(BYTES, max_size=3).map(tuple),
        iv=st.one_of(st.none(), BYTES),
        salt=st.one_of(st.none(), BYTES),
        iterations=st.one_of(st.none(), st.integers(-1, 50), st.just(2**31 - 1)),
    ),
    st.sampled_from([1, 16, 33, 1000, 2**28]),
)
def test_derivations(method, base, length):
    with contextlib.suppress(KmipFailure):
        assert len(derived(method, base, length)) == length
