"""Rich records of each format: together they reach every branch of the readers."""

from typing import Any

RICH: list[tuple[str, Any]] = [
    (
        "stillwatch",
        {
            "id": "a",
            "account": "b",
            "occurred_at": 1782907200,
            "client": {"ip": "203.0.113.7", "asn": 1, "headers": ["h"]},
            "request": {
                "model": "m",
                "n": 1,
                "logprobs": True,
                "top_logprobs": 2,
                "temperature": 1,
                "stream": True,
                "user": "u",
                "metadata": {"user_id": "u"},
                "response_format": {"type": "text"},
                "reasoning": {"effort": "low", "max_tokens": 5},
                "thinking": {"type": "enabled", "budget_tokens": 5},
                "output_config": {"effort": "low", "format": {"type": "text"}},
                "tools": [
                    {"type": "function", "function": {"name": "f", "description": "d"}},
                    {"tools": [{"name": "x"}]},
                ],
                "system": [{"type": "text", "text": "s"}],
                "messages": [
                    {"role": "system", "content": "s"},
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "t"},
                            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
                            {"type": "image", "source": {"data": "AA=="}},
                            {"image": {"source": {"bytes": "AA==", "s3Location": {"uri": "u"}}}},
                            {"toolResult": {"content": [{"image": {}}]}},
                            {"type": "tool_result", "content": [{"type": "image", "source": {"url": "u"}}]},
                        ],
                    },
                    {
                        "role": "assistant",
                        "content": [
                            {"type": "thinking", "signature": "s"},
                            {"reasoningContent": {"reasoningText": {"signature": "s"}}},
                            {"toolUse": {}},
                        ],
                        "tool_calls": [{"id": "1"}],
                        "function_call": {},
                        "thinking_blocks": [{}],
                    },
                ],
            },
            "response": {
                "model": "m",
                "usage": {
                    "input_tokens": 1,
                    "cache_read_input_tokens": 1,
                    "output_tokens": 1,
                    "output_tokens_details": {"reasoning_tokens": 1},
                },
                "finish_reason": "stop",
                "tool_calls": [1],
                "choices": [{"finish_reason": "stop", "text": "x", "message": {"content": "c", "tool_calls": [{}]}}],
            },
        },
    ),
    (
        "stillwatch",
        {
            "id": "a",
            "account": "b",
            "occurred_at": 1782907200,
            "request": {
                "input": [
                    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "t"}]},
                    {"type": "reasoning", "encrypted_content": "e"},
                    {"type": "function_call"},
                    {"type": "function_call_output", "output": [{"type": "input_image", "image_url": "u"}]},
                ],
                "include": ["x"],
                "tools": [{"type": "w"}],
                "text": {"format": {"type": "json_schema"}},
                "instructions": "i",
            },
            "response": {
                "output": [
                    {"type": "message", "content": [{"type": "output_text", "text": "t"}]},
                    {"type": "reasoning", "encrypted_content": "e"},
                ],
                "status": "completed",
                "incomplete_details": {"reason": "r"},
            },
        },
    ),
    (
        "stillwatch",
        {
            "id": "a",
            "account": "b",
            "occurred_at": 1782907200,
            "request": {
                "modelId": "m",
                "inferenceConfig": {"maxTokens": 1, "topP": 1},
                "messages": [{"role": "user", "content": [{"text": "t"}]}],
                "system": [{"text": "s"}],
                "toolConfig": {"tools": [{"toolSpec": {"name": "n"}}]},
                "additionalModelRequestFields": {"reasoning_config": {"type": "enabled"}},
            },
            "response": {
                "output": {"message": {"content": [{"text": "t"}]}},
                "stopReason": "s",
                "usage": {"inputTokens": 1},
            },
        },
    ),
    (
        "stillwatch",
        {"id": "a", "account": "b", "occurred_at": 1782907200, "request": {"prompt": [["a", 1], [1]], "logprobs": 1}},
    ),
    (
        "litellm",
        {
            "standard_logging_object": {
                "id": "a",
                "call_type": "acompletion",
                "startTime": 1782907200,
                "endTime": 1782907201,
                "metadata": {"user_api_key_user_id": "u", "user_agent": "a"},
                "messages": [{"role": "user", "content": "x"}],
                "model_parameters": {"temperature": 1},
                "response": {"choices": []},
                "error_information": {"error_code": "4"},
            }
        },
    ),
    (
        "litellm",
        {
            "id": "a",
            "call_type": "text_completion",
            "startTime": 1782907200,
            "metadata": {"user_api_key_user_id": "u"},
            "messages": [{"role": "user", "content": "x"}],
            "response": "text",
            "end_user": "e",
        },
    ),
    (
        "bedrock",
        {
            "schemaType": "ModelInvocationLog",
            "timestamp": "2026-07-01T12:00:00Z",
            "identity": {"arn": "a"},
            "requestId": "r",
            "operation": "InvokeModelWithResponseStream",
            "modelId": "m",
            "errorCode": "e",
            "input": {"inputBodyJson": {"inputText": "x", "textGenerationConfig": {"topP": 1}}, "inputTokenCount": 1},
            "output": {
                "outputBodyJson": [
                    {"type": "message_start", "message": {"model": "m", "usage": {"input_tokens": 1}}},
                    {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}},
                    {"type": "content_block_delta", "index": 0, "delta": {"text": "t"}},
                    {"type": "message_delta", "delta": {}, "usage": {}},
                ]
            },
        },
    ),
    (
        "bedrock",
        {
            "schemaType": "ModelInvocationLog",
            "timestamp": "2026-07-01T12:00:00Z",
            "identity": {"arn": "a"},
            "requestId": "r",
            "operation": "InvokeModel",
            "modelId": "m",
            "input": {"inputBodyJson": {"message": "x"}},
            "output": {
                "outputBodyJson": [
                    {
                        "choices": [{"delta": {"content": "c", "tool_calls": [{"index": 0}]}, "finish_reason": "s"}],
                        "usage": {},
                        "model": "m",
                    }
                ]
            },
        },
    ),
    (
        "bedrock",
        {
            "schemaType": "ModelInvocationLog",
            "timestamp": "2026-07-01T12:00:00Z",
            "identity": {"arn": "a"},
            "requestId": "r",
            "modelId": "m",
            "input": {},
            "output": {
                "outputBodyJson": {
                    "results": [{"outputText": "x", "completionReason": "y"}],
                    "generation": "g",
                    "metrics": {"latencyMs": 1},
                }
            },
        },
    ),
    (
        "otel",
        {
            "resourceSpans": [
                {
                    "resource": {"attributes": [{"key": "user.id", "value": {"stringValue": "u"}}]},
                    "scopeSpans": [
                        {
                            "spans": [
                                {
                                    "traceId": "t",
                                    "spanId": "s",
                                    "startTimeUnixNano": "1782907200000000000",
                                    "endTimeUnixNano": "1782907200000000000",
                                    "status": {"code": 2},
                                    "events": [
                                        {
                                            "name": "gen_ai.choice",
                                            "attributes": [{"key": "message", "value": {"stringValue": "m"}}],
                                        },
                                        {
                                            "name": "gen_ai.user.message",
                                            "attributes": [{"key": "content", "value": {"stringValue": "m"}}],
                                        },
                                        {
                                            "name": "gen_ai.content.prompt",
                                            "attributes": [{"key": "gen_ai.prompt", "value": {"stringValue": "[{}]"}}],
                                        },
                                    ],
                                    "attributes": [
                                        {"key": "gen_ai.operation.name", "value": {"stringValue": "text_completion"}},
                                        {"key": "gen_ai.output.type", "value": {"stringValue": "json"}},
                                        {"key": "error.type", "value": {"stringValue": "429"}},
                                        {"key": "gen_ai.prompt.0.content", "value": {"stringValue": "x"}},
                                        {"key": "gen_ai.prompt.0.tool_calls.0.name", "value": {}},
                                        {
                                            "key": "gen_ai.response.finish_reasons",
                                            "value": {"arrayValue": {"values": [{"stringValue": "stop"}]}},
                                        },
                                        {
                                            "key": "gen_ai.tool.definitions",
                                            "value": {"arrayValue": {"values": [{"kvlistValue": {"values": []}}]}},
                                        },
                                        {
                                            "key": "gen_ai.output.messages",
                                            "value": {
                                                "arrayValue": {
                                                    "values": [
                                                        {
                                                            "kvlistValue": {
                                                                "values": [
                                                                    {
                                                                        "key": "role",
                                                                        "value": {"stringValue": "assistant"},
                                                                    }
                                                                ]
                                                            }
                                                        }
                                                    ]
                                                }
                                            },
                                        },
                                        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "4"}},
                                    ],
                                }
                            ]
                        }
                    ],
                }
            ]
        },
    ),
]
